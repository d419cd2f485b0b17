package io.penstock.billing.stream;

import io.penstock.billing.ledger.Accounts;
import io.penstock.billing.report.ChargeRows;
import io.penstock.billing.report.ChargeSums;
import io.penstock.billing.report.Label;
import io.penstock.billing.report.RollUp;
import io.penstock.billing.report.RollUpKey;
import io.penstock.billing.report.UsageRows;
import io.penstock.billing.stream.BookingLimits.RollUpRetention;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.Side;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Instant;
import java.time.YearMonth;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;

/** The sums that reports are made of, kept in stores. Used by one thread. */
final class Sums {

  private static final RollUp ONE_NAME =
      new RollUp(1, 0, 0, new TreeMap<>(), new TreeMap<>(), 0, 0, 0, new TreeMap<>(), 0);

  private final KeyValueStore<Bytes, RollUp> rollUps;
  private final KeyValueStore<Bytes, ChargeSums> charges;
  private final RollUpRetention retention;
  private final StorePurge<RollUp> purge;

  Sums(
      KeyValueStore<Bytes, RollUp> rollUps,
      KeyValueStore<Bytes, ChargeSums> charges,
      RollUpRetention retention) {
    this.rollUps = rollUps;
    this.charges = charges;
    this.retention = retention;
    this.purge = new StorePurge<>(rollUps, (key, _, now) -> expired(key, now));
  }

  /** Takes in what was used. */
  void add(UsageRecorded usage, Instant now) {
    UsageRows.additions(usage).forEach((key, addition) -> add(key, addition, now));
  }

  /** Takes in what an entry charges. */
  void add(UsageRecorded usage, LedgerEntryPosted entry) {
    var period = YearMonth.parse(String.valueOf(entry.getPeriod()));
    ChargeRows.of(usage, period, entry.getCorrectsPeriod())
        .forEach((key, addition) -> add(Keys.charge(key), addition));
    var charged = 0L;
    for (var posting : entry.getPostings()) {
      var amount =
          posting.getSide() == Side.DEBIT
              ? posting.getAmountNanoUsd()
              : Math.negateExact(posting.getAmountNanoUsd());
      var grant = Accounts.grant(posting.getAccount());
      if (grant != null) {
        add(Keys.credit(entry.getOrganization(), period, grant), new ChargeSums(1, amount, 0));
      }
      if (grant != null || posting.getAccount().equals(Accounts.RECEIVABLE)) {
        charged = Math.addExact(charged, amount);
      }
    }
    add(
        Keys.period(entry.getOrganization(), period),
        new ChargeSums(1, charged, usage.getChargeLines().size()));
  }

  /** Forgets some of what is older than its retention. */
  void purge(Instant now) {
    purge.step(now);
  }

  private void add(Bytes key, ChargeSums addition) {
    var sums = charges.get(key);
    charges.put(key, sums == null ? addition : sums.plus(addition));
  }

  private void add(RollUpKey group, RollUp addition, Instant now) {
    var key = Keys.rollUp(group);
    if (expired(key, now)) {
      // booked again from long ago: nobody can ask for it any more
      return;
    }
    var sums = rollUps.get(key);
    if (sums == null && group instanceof RollUpKey.Labelled labelled) {
      if (isOneTooMany(labelled)) {
        add(other(labelled), addition, now);
        return;
      }
    }
    if (sums == null) {
      purge.grown();
    }
    rollUps.put(key, sums == null ? addition : sums.plus(addition));
  }

  private boolean isOneTooMany(RollUpKey.Labelled labelled) {
    if (labelled.name().equals(Label.OTHER)) {
      return false;
    }
    var key = Keys.names(labelled.organization(), labelled.label(), labelled.day());
    var names = rollUps.get(key);
    if (names != null && names.requests() >= Label.NAMES_MAX) {
      return true;
    }
    rollUps.put(key, names == null ? ONE_NAME : names.plus(ONE_NAME));
    return false;
  }

  private static RollUpKey.Labelled other(RollUpKey.Labelled labelled) {
    return new RollUpKey.Labelled(
        labelled.organization(), labelled.label(), labelled.day(), Label.OTHER, labelled.model());
  }

  private boolean expired(Bytes key, Instant now) {
    var dated = Keys.dated(key);
    return dated != null
        && dated
            .start()
            .plus(dated.width().length())
            .plus(retention.of(dated.width()))
            .isBefore(now);
  }
}
