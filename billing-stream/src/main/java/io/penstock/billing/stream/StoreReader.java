package io.penstock.billing.stream;

import io.penstock.billing.ledger.ChainHead;
import io.penstock.billing.report.BillingReader;
import io.penstock.billing.report.BucketWidth;
import io.penstock.billing.report.ChargeKey;
import io.penstock.billing.report.ChargeSums;
import io.penstock.billing.report.Label;
import io.penstock.billing.report.RollUp;
import io.penstock.billing.report.RollUpKey;
import io.penstock.schemas.avro.LedgerEntryPosted;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.kafka.common.serialization.BytesSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * Reads the stores of the running topology. What it shows may be a commit interval ahead of the
 * topics, and is taken back if that commit fails. Thread-safe.
 */
public final class StoreReader implements BillingReader {

  /** Where the stores are. */
  public interface StoreAccess {

    /** The store that has an organisation's data, for reading. */
    <K, V> ReadOnlyKeyValueStore<K, V> of(String store, String organization)
        throws UnavailableException;

    /** A store as far as it is in this process, for reading. */
    <K, V> ReadOnlyKeyValueStore<K, V> local(String store) throws UnavailableException;
  }

  private final StoreAccess stores;

  public StoreReader(StoreAccess stores) {
    this.stores = stores;
  }

  @Override
  public Standing standing(String organization) throws UnavailableException {
    ReadOnlyKeyValueStore<String, OrganizationState> store =
        stores.of(BillingTopology.ORGANIZATIONS, organization);
    var stored = store.get(organization);
    var state = stored == null ? OrganizationState.empty(organization) : stored;
    var position = state.position();
    return new Standing(state.books(), position.partition(), position.offset(), position.records());
  }

  @Override
  public List<LedgerEntryPosted> entries(String organization, long afterSequence, int limit)
      throws UnavailableException {
    ReadOnlyKeyValueStore<Bytes, LedgerEntryPosted> store =
        stores.of(BillingTopology.JOURNAL, organization);
    var entries = new ArrayList<LedgerEntryPosted>();
    var from = Keys.journal(organization, Math.addExact(afterSequence, 1));
    try (var range = store.range(from, Keys.journal(organization, Long.MAX_VALUE))) {
      while (entries.size() < limit && range.hasNext()) {
        entries.add(range.next().value);
      }
    }
    return entries;
  }

  @Override
  public void buckets(
      String organization,
      BucketWidth width,
      Instant from,
      Instant to,
      BiConsumer<RollUpKey.Bucket, RollUp> visitor)
      throws UnavailableException {
    range(
        organization,
        Keys.buckets(organization, width, from),
        Keys.buckets(organization, width, to),
        (key, sums) -> visitor.accept((RollUpKey.Bucket) key, sums));
  }

  @Override
  public void labels(
      String organization,
      Label label,
      LocalDate from,
      LocalDate to,
      BiConsumer<RollUpKey.Labelled, RollUp> visitor)
      throws UnavailableException {
    range(
        organization,
        Keys.labels(organization, label, from),
        Keys.labels(organization, label, to),
        (key, sums) -> visitor.accept((RollUpKey.Labelled) key, sums));
  }

  @Override
  public void upstream(
      String organization,
      LocalDate from,
      LocalDate to,
      BiConsumer<RollUpKey.Upstream, RollUp> visitor)
      throws UnavailableException {
    range(
        organization,
        Keys.upstream(organization, from),
        Keys.upstream(organization, to),
        (key, sums) -> visitor.accept((RollUpKey.Upstream) key, sums));
  }

  /** No key is a bare prefix, so that the prefix of the end is after all before it and not in. */
  private void range(
      String organization, Bytes from, Bytes to, BiConsumer<RollUpKey, RollUp> visitor)
      throws UnavailableException {
    ReadOnlyKeyValueStore<Bytes, RollUp> store = stores.of(BillingTopology.ROLL_UPS, organization);
    try (var range = store.range(from, to)) {
      while (range.hasNext()) {
        var row = range.next();
        visitor.accept(Keys.rollUp(row.key), row.value);
      }
    }
  }

  @Override
  public void charges(
      String organization, YearMonth period, BiConsumer<ChargeKey, ChargeSums> visitor)
      throws UnavailableException {
    ReadOnlyKeyValueStore<Bytes, ChargeSums> store =
        stores.of(BillingTopology.CHARGES, organization);
    try (var range =
        store.prefixScan(Keys.chargesOf(organization, period), new BytesSerializer())) {
      while (range.hasNext()) {
        var row = range.next();
        visitor.accept(Keys.charge(row.key), row.value);
      }
    }
  }

  @Override
  public void credits(String organization, YearMonth period, BiConsumer<String, ChargeSums> visitor)
      throws UnavailableException {
    ReadOnlyKeyValueStore<Bytes, ChargeSums> store =
        stores.of(BillingTopology.CHARGES, organization);
    try (var range =
        store.prefixScan(Keys.creditsOf(organization, period), new BytesSerializer())) {
      while (range.hasNext()) {
        var row = range.next();
        visitor.accept(Keys.grant(row.key), row.value);
      }
    }
  }

  @Override
  public Period period(String organization, YearMonth period) throws UnavailableException {
    ReadOnlyKeyValueStore<Bytes, ChargeSums> charges =
        stores.of(BillingTopology.CHARGES, organization);
    ReadOnlyKeyValueStore<String, ChainHead> chain = stores.of(BillingTopology.CHAIN, organization);
    // the clock first: what it closes cannot change any more, whatever is read after it
    var head = chain.get(BillingTopology.HEAD);
    var sums = charges.get(Keys.period(organization, period));
    return new Period(
        sums == null ? ChargeSums.ZERO : sums, head == null ? Instant.EPOCH : head.clock());
  }

  @Override
  public void totals(String organization, BiConsumer<RollUpKey.Total, RollUp> visitor)
      throws UnavailableException {
    ReadOnlyKeyValueStore<Bytes, RollUp> store = stores.of(BillingTopology.ROLL_UPS, organization);
    try (var range = store.prefixScan(Keys.totals(organization), new BytesSerializer())) {
      while (range.hasNext()) {
        var row = range.next();
        visitor.accept((RollUpKey.Total) Keys.rollUp(row.key), row.value);
      }
    }
  }

  /** Usage records handled in the partitions that this process has, repetitions not counted. */
  public long usageRecords() throws UnavailableException {
    ReadOnlyKeyValueStore<String, OrganizationState> store =
        stores.local(BillingTopology.ORGANIZATIONS);
    var records = 0L;
    try (var all = store.all()) {
      while (all.hasNext()) {
        records += all.next().value.position().records();
      }
    }
    return records;
  }
}
