package io.penstock.billing.stream;

import io.penstock.billing.ledger.BillingPeriods;
import io.penstock.billing.ledger.ChainHead;
import io.penstock.billing.ledger.Journal;
import io.penstock.billing.ledger.Ledger;
import io.penstock.billing.ledger.LedgerViolation;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.LedgerEntryPosted;
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
  private static final Duration SILENCE = Duration.ofMinutes(10);

  private final BookingLimits limits;
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
  BookingProcessor(BookingLimits limits) {
    this.limits = limits;
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
    var before = seen.get(seenKey);
    if (before != null) {
      tellContradiction(usage, before);
      var position = state.position().repeated(source.partition(), source.offset());
      organizations.put(organization, new OrganizationState(state.books(), position));
      return;
    }

    var now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    lastBooked = now;
    var entry = Ledger.book(usage);
    var bookedAt = Instant.ofEpochMilli(record.timestamp());
    var books = state.books().plus(entry, bookedAt);
    var head = head().at(earlier(bookedAt, now.plus(BillingPeriods.SKEW_MAX)));

    if (entry.isEmpty()) {
      chain.put(BillingTopology.HEAD, head);
    } else {
      var appended =
          Journal.append(entry, usage, head, limits.periods(), books.sequence(), bookedAt);
      chain.put(BillingTopology.HEAD, appended.head());
      post(record, appended.entry());
      sums.add(usage, appended.entry());
    }
    sums.add(usage, now);
    seen.put(seenKey, new SeenUsage(usage.getChargeNanoUsd(), usage.getCostNanoUsd(), now));
    seenPurge.grown();
    var position = state.position().handled(source.partition(), source.offset());
    organizations.put(organization, new OrganizationState(books, position));
    balances.changed(organization);
  }

  private ChainHead head() {
    var head = chain.get(BillingTopology.HEAD);
    return head == null ? ChainHead.GENESIS : head;
  }

  /** A stamp from the far future must not close months that are not over. */
  private static Instant earlier(Instant left, Instant right) {
    return left.isBefore(right) ? left : right;
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
