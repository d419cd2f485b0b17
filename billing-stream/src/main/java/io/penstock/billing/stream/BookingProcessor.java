package io.penstock.billing.stream;

import io.penstock.billing.ledger.Ledger;
import io.penstock.billing.ledger.LedgerEntry;
import io.penstock.billing.ledger.LedgerViolation;
import io.penstock.billing.report.RollUp;
import io.penstock.billing.report.RollUpKey;
import io.penstock.billing.report.UsageRows;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.Posting;
import io.penstock.schemas.avro.SeenUsage;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Duration;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks {@link Ledger} what to book and stores and forwards it. One usage record changes everything
 * or nothing: all happens in the transaction of its offset. Used by one thread.
 */
final class BookingProcessor implements Processor<String, UsageRecorded, String, SpecificRecord> {

  private static final Logger LOG = LoggerFactory.getLogger(BookingProcessor.class);
  private static final Duration PURGE_EVERY = Duration.ofSeconds(1);

  private final BookingLimits limits;
  private ProcessorContext<String, SpecificRecord> context;
  private KeyValueStore<String, OrganizationState> organizations;
  private KeyValueStore<Bytes, LedgerEntryPosted> journal;
  private KeyValueStore<Bytes, SeenUsage> seen;
  private KeyValueStore<Bytes, RollUp> rollUps;
  private BalancePublisher balances;
  private SeenPurge purge;

  /** The stores are there from {@link #init} on. */
  @SuppressWarnings("NullAway.Init")
  BookingProcessor(BookingLimits limits) {
    this.limits = limits;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> initialized) {
    context = initialized;
    organizations = context.getStateStore(BillingTopology.ORGANIZATIONS);
    journal = context.getStateStore(BillingTopology.JOURNAL);
    seen = context.getStateStore(BillingTopology.SEEN);
    rollUps = context.getStateStore(BillingTopology.ROLL_UPS);
    balances = new BalancePublisher(organizations);
    purge = new SeenPurge(seen, limits.seenRetention());
    context.schedule(
        limits.balancesEvery(),
        PunctuationType.WALL_CLOCK_TIME,
        _ -> balances.publish(context::forward));
    context.schedule(
        PURGE_EVERY, PunctuationType.WALL_CLOCK_TIME, now -> purge.step(Instant.ofEpochMilli(now)));
  }

  @Override
  public void process(Record<String, UsageRecorded> record) {
    var usage = record.value();
    var organization = usage.getOrganization();
    if (!organization.equals(record.key())) {
      // under a wrong key it would be booked in a partition that does not have the organisation's
      // books
      throw new LedgerViolation(
          "usage " + usage.getUsageId() + " is not keyed by its organisation");
    }
    var source = context.recordMetadata().orElseThrow();
    var stored = organizations.get(organization);
    var state = stored == null ? OrganizationState.empty(organization) : stored;
    var seenKey = Keys.seen(organization, usage.getUsageId());
    var before = seen.get(seenKey);
    if (before != null) {
      tellContradiction(usage, before);
      var position = state.position().repeated(source.partition(), source.offset());
      organizations.put(organization, new OrganizationState(state.books(), position));
      return;
    }

    var entry = Ledger.book(usage);
    var bookedAt = Instant.ofEpochMilli(record.timestamp());
    var books = state.books().plus(entry, bookedAt);

    if (!entry.isEmpty()) {
      post(record, posted(entry, books.sequence(), bookedAt));
    }
    addUp(usage);
    seen.put(
        seenKey,
        new SeenUsage(
            usage.getChargeNanoUsd(),
            usage.getCostNanoUsd(),
            Instant.ofEpochMilli(context.currentSystemTimeMs())));
    purge.grown();
    var position = state.position().handled(source.partition(), source.offset());
    organizations.put(organization, new OrganizationState(books, position));
    balances.changed(organization);
  }

  private void post(Record<String, UsageRecorded> usage, LedgerEntryPosted entry) {
    journal.put(Keys.journal(entry.getOrganization(), entry.getSequence()), entry);
    var outdated = entry.getSequence() - limits.journalEntriesMax();
    if (outdated > 0) {
      journal.delete(Keys.journal(entry.getOrganization(), outdated));
    }
    context.forward(
        usage
            .withValue((SpecificRecord) entry)
            .withHeaders(PublicHeaders.of(entry, usage.headers())),
        BillingTopology.LEDGER);
  }

  private void addUp(UsageRecorded usage) {
    UsageRows.byPool(usage)
        .forEach(
            (pool, addition) -> {
              add(UsageRows.daily(usage, pool), addition);
              add(UsageRows.total(usage, pool), addition);
            });
  }

  private void add(RollUpKey group, RollUp addition) {
    var key = Keys.rollUp(group);
    var sums = rollUps.get(key);
    rollUps.put(key, sums == null ? addition : sums.plus(addition));
  }

  private static LedgerEntryPosted posted(LedgerEntry entry, long sequence, Instant bookedAt) {
    var postings =
        entry.postings().stream()
            .map(posting -> new Posting(posting.account(), posting.side(), posting.amountNanoUsd()))
            .toList();
    return new LedgerEntryPosted(
        entry.entryId(),
        entry.organization(),
        sequence,
        Ledger.CURRENCY,
        entry.requestId(),
        entry.usageId(),
        postings,
        entry.occurredAt(),
        bookedAt);
  }

  /**
   * The first record of an id counts; one that says something else later comes from a bug of the
   * stage before.
   */
  private static void tellContradiction(UsageRecorded usage, SeenUsage before) {
    if (before.getChargeNanoUsd() != usage.getChargeNanoUsd()
        || before.getCostNanoUsd() != usage.getCostNanoUsd()) {
      LOG.atError()
          .addKeyValue(LogKeys.ORGANIZATION, usage.getOrganization())
          .addKeyValue(LogKeys.REQUEST, usage.getRequestId())
          .log("usage repeated with other amounts: the first record stays booked");
    }
  }
}
