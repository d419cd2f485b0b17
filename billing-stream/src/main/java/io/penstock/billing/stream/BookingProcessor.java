package io.penstock.billing.stream;

import io.penstock.billing.ledger.BillingPeriods;
import io.penstock.billing.ledger.Booking;
import io.penstock.billing.ledger.Booking.Decision;
import io.penstock.billing.ledger.ChainHead;
import io.penstock.billing.ledger.LedgerViolation;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.SeenUsage;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Duration;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks {@link Booking} what to book and stores and forwards it. One usage record changes everything
 * or nothing: all happens in the transaction of its offset. Used by one thread.
 */
final class BookingProcessor implements Processor<String, UsageRecorded, String, SpecificRecord> {

  private static final Logger LOG = LoggerFactory.getLogger(BookingProcessor.class);
  private static final Duration PURGE_EVERY = Duration.ofSeconds(1);
  private static final Duration SILENCE = Duration.ofMinutes(10);

  private final BookingLimits limits;
  private final Mishaps mishaps;
  private ProcessorContext<String, SpecificRecord> context;
  private KeyValueStore<String, OrganizationState> organizations;
  private KeyValueStore<Bytes, LedgerEntryPosted> journal;
  private KeyValueStore<Bytes, SeenUsage> seen;
  private KeyValueStore<String, ChainHead> chain;
  private Sums sums;
  private BalancePublisher balances;
  private StorePurge<SeenUsage> seenPurge;
  private Instant lastBooked;

  /** The stores are there from {@link #init} on. */
  @SuppressWarnings("NullAway.Init")
  BookingProcessor(BookingLimits limits, Mishaps mishaps) {
    this.limits = limits;
    this.mishaps = mishaps;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> initialized) {
    context = initialized;
    organizations = context.getStateStore(BillingTopology.ORGANIZATIONS);
    journal = context.getStateStore(BillingTopology.JOURNAL);
    seen = context.getStateStore(BillingTopology.SEEN);
    chain = context.getStateStore(BillingTopology.CHAIN);
    sums =
        new Sums(
            context.getStateStore(BillingTopology.ROLL_UPS),
            context.getStateStore(BillingTopology.CHARGES),
            limits.rollUps());
    balances = new BalancePublisher(organizations);
    seenPurge =
        new StorePurge<>(
            seen, (_, value, now) -> value.getSeenAt().isBefore(now.minus(limits.seenRetention())));
    lastBooked = Instant.ofEpochMilli(context.currentSystemTimeMs());
    context.schedule(
        limits.balancesEvery(),
        PunctuationType.WALL_CLOCK_TIME,
        _ -> balances.publish(context::forward));
    context.schedule(
        PURGE_EVERY,
        PunctuationType.WALL_CLOCK_TIME,
        now -> {
          seenPurge.step(Instant.ofEpochMilli(now));
          sums.purge(Instant.ofEpochMilli(now));
        });
    context.schedule(
        SILENCE, PunctuationType.WALL_CLOCK_TIME, now -> tick(Instant.ofEpochMilli(now)));
  }

  @Override
  public void process(Record<String, UsageRecorded> record) {
    try {
      book(record);
    } catch (LedgerViolation | ArithmeticException e) {
      var usage = record.value();
      var source = context.recordMetadata().orElseThrow();
      throw new BookingStopped(
          usage.getOrganization(), usage.getUsageId(), source.partition(), source.offset(), e);
    }
  }

  private void book(Record<String, UsageRecorded> record) {
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
    var now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    var decision =
        Booking.decide(
            usage,
            new Booking.Known(state.books(), head(), seen.get(seenKey)),
            limits.periods(),
            Instant.ofEpochMilli(record.timestamp()),
            now);

    var position = state.position();
    switch (decision) {
      case Decision.Repeated() ->
          organizations.put(organization, state.repeated(source.partition(), source.offset()));
      case Decision.Contradicted(var reason) -> {
        tell(record, source, Mishaps.CONTRADICTED, reason, now);
        organizations.put(organization, state.repeated(source.partition(), source.offset()));
      }
      case Decision.Quarantined(var reason, var head) -> {
        tell(record, source, Mishaps.QUARANTINED, reason, now);
        chain.put(BillingTopology.HEAD, head);
        handled(seenKey, usage, now);
        organizations.put(
            organization,
            new OrganizationState(
                state.books(), position.handled(source.partition(), source.offset())));
      }
      case Decision.Booked(var books, var head, var entry) -> {
        chain.put(BillingTopology.HEAD, head);
        if (entry != null) {
          post(record, entry);
          sums.add(usage, entry);
        }
        sums.add(usage, now);
        handled(seenKey, usage, now);
        organizations.put(
            organization,
            new OrganizationState(books, position.handled(source.partition(), source.offset())));
        balances.changed(organization);
      }
    }
  }

  private void handled(Bytes seenKey, UsageRecorded usage, Instant now) {
    lastBooked = now;
    seen.put(seenKey, new SeenUsage(usage.getChargeNanoUsd(), usage.getCostNanoUsd(), now));
    seenPurge.grown();
  }

  private ChainHead head() {
    var head = chain.get(BillingTopology.HEAD);
    return head == null ? ChainHead.GENESIS : head;
  }

  /**
   * Lets time pass on a partition on which nothing comes, so that its months close. Only after a
   * silence: what is still waiting to be booked must find its month open.
   */
  private void tick(Instant now) {
    if (lastBooked.plus(SILENCE).isBefore(now)) {
      var head = head();
      var later = head.at(now.minus(SILENCE));
      if (closesSomething(head.clock(), later.clock())) {
        chain.put(BillingTopology.HEAD, later);
      }
    }
  }

  private boolean closesSomething(Instant from, Instant to) {
    var last = BillingPeriods.of(to).minusMonths(1);
    return limits.periods().closed(last, to) && !limits.periods().closed(last, from);
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

  /** Says that a record is not booked, and why, to those who have to look at it. */
  private void tell(
      Record<String, UsageRecorded> record,
      RecordMetadata source,
      String action,
      String reason,
      Instant now) {
    var usage = record.value();
    LOG.atError()
        .addKeyValue(LogKeys.ORGANIZATION, usage.getOrganization())
        .addKeyValue(LogKeys.REQUEST, usage.getRequestId())
        .addKeyValue(LogKeys.STATE, action)
        .log("usage that is not booked went to the dead letters");
    var bare = record.withTimestamp(now.toEpochMilli()).withHeaders(new RecordHeaders());
    context.forward(
        bare.withValue((SpecificRecord) mishaps.letter(usage, source, action, reason, now)),
        BillingTopology.DEAD_LETTERS);
    context.forward(
        bare.withValue((SpecificRecord) Mishaps.audit(usage, source, action, reason, now)),
        BillingTopology.AUDIT);
  }
}
