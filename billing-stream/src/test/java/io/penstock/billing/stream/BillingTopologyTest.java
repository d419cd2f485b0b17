package io.penstock.billing.stream;

import static io.penstock.billing.UsageFixtures.AT;
import static io.penstock.billing.UsageFixtures.answered;
import static io.penstock.billing.UsageFixtures.correction;
import static io.penstock.billing.UsageFixtures.failed;
import static io.penstock.billing.UsageFixtures.lateCost;
import static io.penstock.billing.UsageFixtures.settlement;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.billing.ledger.Balance;
import io.penstock.billing.ledger.CanonicalEntry;
import io.penstock.billing.ledger.LedgerViolation;
import io.penstock.billing.report.BucketWidth;
import io.penstock.billing.report.ChargeSums;
import io.penstock.billing.report.Label;
import io.penstock.billing.report.RollUp;
import io.penstock.billing.report.RollUpKey;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.avro.BalanceChanged;
import io.penstock.schemas.avro.BudgetPosting;
import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.DeadLetter;
import io.penstock.schemas.avro.LedgerEntryKind;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.Side;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BillingTopologyTest {

  @TempDir private Path directory;
  private BillingHarness billing;

  @SuppressWarnings("NullAway.Init")
  BillingTopologyTest() {}

  @BeforeEach
  void start() {
    billing = new BillingHarness(directory);
  }

  @AfterEach
  void stop() {
    billing.close();
  }

  @Test
  void usageBecomesABalancedEntryUnderItsOrganisation() {
    var usage = settlement("acme", "r1", List.of(answered(1, "openai", 40)), 99);

    billing.book(usage);

    var record = billing.ledger.readRecord();
    assertThat(record.key()).isEqualTo("acme");
    var entry = record.value();
    assertThat(entry.getEntryId()).isEqualTo("entry_r1");
    assertThat(entry.getSequence()).isEqualTo(1);
    assertThat(entry.getCurrency()).isEqualTo("USD");
    assertThat(entry.getOccurredAt()).isEqualTo(AT);
    assertThat(entry.getBookedAt()).isEqualTo(BillingHarness.START);
    assertThat(sum(entry, Side.DEBIT)).isEqualTo(sum(entry, Side.CREDIT)).isEqualTo(2 * (99 + 40));
  }

  @Test
  void led03UsageThatComesTwiceIsBookedOnce() throws Exception {
    var usage = settlement("acme", "r1", List.of(answered(1, "openai", 40)), 99);

    billing.book(usage);
    billing.book(usage);

    assertThat(billing.ledger.readValuesToList()).hasSize(1);
    var standing = billing.reader.standing("acme");
    assertThat(standing.books().sequence()).isEqualTo(1);
    assertThat(standing.books().total(Side.DEBIT)).isEqualTo(99 + 40);
    assertThat(standing.usageRecords()).isEqualTo(1);
    assertThat(standing.offset()).isEqualTo(1);
    assertThat(
            requireNonNull(totals("acme").get(new RollUpKey.Total("acme", "small", "openai")))
                .requests())
        .isEqualTo(1);
  }

  @Test
  void led03UsageThatComesAgainWithOtherAmountsChangesNothingAndIsTold() throws Exception {
    var usage = settlement("acme", "r1", List.of(), 99);
    billing.book(usage);
    billing.book(usage);
    billing.book(usage);
    assertThat(billing.deadLetters.isEmpty()).isTrue();

    billing.book(settlement("acme", "r1", List.of(), 100));

    assertThat(billing.ledger.readValuesToList()).hasSize(1);
    assertThat(billing.reader.standing("acme").books().total(Side.DEBIT)).isEqualTo(99);
    var letter = billing.deadLetters.readValue();
    assertThat(letter.getTopic()).isEqualTo("penstock.usage");
    assertThat(letter.getOffset()).isEqualTo(3);
    assertThat(letter.getReason()).isEqualTo("conflict");
    assertThat(letter.getMessage())
        .isEqualTo(
            "usage r1 was handled with a charge of 99 and a cost of 0 nano-USD, and came again with 100 and 0");
    assertThat(letter.getValue()).isNotNull();
    var told = billing.audit.readKeyValue();
    assertThat(told.key).isEqualTo("acme");
    assertThat(told.value.getAction()).isEqualTo("usage.contradicted");
    assertThat(told.value.getSubject()).isEqualTo("r1");
    assertThat(billing.audit.isEmpty()).isTrue();
  }

  @Test
  void led11WhatIsThirtySixDaysLateOrSixMinutesAheadIsLaidAsideAndTold() throws Exception {
    var late = settlement("acme", "late", List.of(), 20);
    late.setRecordedAt(BillingHarness.START.minus(Duration.ofDays(36)));
    var early = settlement("acme", "early", List.of(), 20);
    early.setRecordedAt(BillingHarness.START.plus(Duration.ofMinutes(6)));
    var borderline = settlement("acme", "borderline", List.of(), 20);
    borderline.setRecordedAt(BillingHarness.START.minus(Duration.ofDays(35)));

    List.of(late, early, borderline, late).forEach(billing::book);

    assertThat(billing.ledger.readValuesToList())
        .extracting(LedgerEntryPosted::getUsageId)
        .containsExactly("borderline");
    assertThat(billing.audit.readValuesToList())
        .extracting(told -> told.getAction() + " " + told.getSubject())
        .containsExactly("usage.quarantined late", "usage.quarantined early");
    assertThat(billing.deadLetters.readValuesToList())
        .extracting(DeadLetter::getMessage)
        .containsExactly("it is more than 35 days late", "it is more than 5 minutes in the future");
    assertThat(billing.reader.standing("acme").books().total(Side.DEBIT)).isEqualTo(20);
  }

  @Test
  void whatAGrantOfCreditPaidIsNotOwed() throws Exception {
    var usage = settlement("acme", "r1", List.of(), 20);
    usage.setPostings(
        List.of(
            new BudgetPosting("acme|monthly|all|2026-03", BudgetUnit.NANO_USD, 30L, 20L),
            new BudgetPosting("acme|credit|gift", BudgetUnit.NANO_USD, 20L, 12L),
            new BudgetPosting("acme|credit|top-up", BudgetUnit.NANO_USD, 10L, 5L)));

    billing.book(usage);

    var accounts = billing.reader.standing("acme").books().accounts();
    assertThat(requireNonNull(accounts.get("credit/gift")).debitsNanoUsd()).isEqualTo(12);
    assertThat(requireNonNull(accounts.get("credit/top-up")).debitsNanoUsd()).isEqualTo(5);
    assertThat(requireNonNull(accounts.get("receivable")).debitsNanoUsd()).isEqualTo(3);
    assertThat(requireNonNull(accounts.get("revenue")).creditsNanoUsd()).isEqualTo(20);
    assertThat(billing.reader.period("acme", YearMonth.of(2026, 3)).sums())
        .isEqualTo(new ChargeSums(1, 20, 1));
    var paid = new HashMap<String, Long>();
    billing.reader.credits(
        "acme", YearMonth.of(2026, 3), (grant, sums) -> paid.put(grant, sums.amountNanoUsd()));
    assertThat(paid).containsOnly(Map.entry("gift", 12L), Map.entry("top-up", 5L));
  }

  @Test
  void creditThatPaysMoreThanIsChargedStopsThePartition() {
    var usage = settlement("acme", "r1", List.of(), 20);
    usage.setPostings(
        List.of(new BudgetPosting("acme|credit|gift", BudgetUnit.NANO_USD, 20L, 21L)));

    assertThatThrownBy(() -> billing.book(usage))
        .hasRootCauseMessage("usage r1 takes more from credit than it charges, by 1 nano-USD");
  }

  @Test
  void theSameUsageIdOfAnotherOrganisationIsAnotherUsage() {
    billing.book(settlement("acme", "r1", List.of(), 99));

    billing.book(settlement("globex", "r1", List.of(), 99));

    assertThat(billing.ledger.readValuesToList())
        .extracting(LedgerEntryPosted::getOrganization, LedgerEntryPosted::getSequence)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("acme", 1L),
            org.assertj.core.groups.Tuple.tuple("globex", 1L));
  }

  @Test
  void usageWithoutAnyAmountMakesNoEntryAndNoGapButCounts() throws Exception {
    billing.book(settlement("acme", "free", List.of()));
    billing.book(settlement("acme", "free", List.of()));

    billing.book(settlement("acme", "r1", List.of(), 5));

    assertThat(billing.ledger.readValuesToList())
        .extracting(LedgerEntryPosted::getSequence)
        .containsExactly(1L);
    assertThat(billing.reader.standing("acme").usageRecords()).isEqualTo(2);
    assertThat(billing.reader.usageRecords()).isEqualTo(2);
  }

  @Test
  void aLateCostAddsCostToARequestThatIsSettled() throws Exception {
    billing.book(settlement("acme", "r1", List.of(answered(2, "azure", 7)), 20));

    billing.book(lateCost("acme", "r1", failed(1, "openai", 5)));

    var accounts = billing.reader.standing("acme").books().accounts();
    assertThat(requireNonNull(accounts.get("receivable")).debitsNanoUsd()).isEqualTo(20);
    assertThat(requireNonNull(accounts.get("cost/openai")).debitsNanoUsd()).isEqualTo(5);
    assertThat(requireNonNull(accounts.get("cost/azure")).debitsNanoUsd()).isEqualTo(7);
  }

  @Test
  void changedBalancesArePublishedOnceHoweverOftenTheyChanged() {
    billing.book(settlement("acme", "r1", List.of(), 20));
    billing.book(settlement("acme", "r2", List.of(answered(1, "openai", 3)), 30));
    assertThat(billing.balances.isEmpty()).isTrue();

    billing.driver.advanceWallClockTime(BillingHarness.LIMITS.balancesEvery());

    assertThat(billing.balances.readKeyValuesToList())
        .containsExactlyInAnyOrder(
            balance("cost/openai", 3, 0, 2),
            balance("payable/openai", 0, 3, 2),
            balance("receivable", 50, 0, 2),
            balance("revenue", 0, 50, 2));

    billing.book(settlement("acme", "r3", List.of(), 1));
    billing.driver.advanceWallClockTime(BillingHarness.LIMITS.balancesEvery());

    assertThat(billing.balances.readKeyValuesToList())
        .as("only what changed since")
        .containsExactlyInAnyOrder(balance("receivable", 51, 0, 3), balance("revenue", 0, 51, 3));
  }

  @Test
  void nothingChangedIsNothingPublished() {
    billing.book(settlement("acme", "r1", List.of(), 20));
    billing.driver.advanceWallClockTime(BillingHarness.LIMITS.balancesEvery());
    billing.balances.readKeyValuesToList();

    billing.driver.advanceWallClockTime(Duration.ofMinutes(1));

    assertThat(billing.balances.isEmpty()).isTrue();
  }

  @Test
  void usageIsSummedByBucketAndSinceEver() throws Exception {
    var today =
        settlement("acme", "r1", List.of(failed(1, "openai", 5), answered(2, "azure", 7)), 20);
    var tomorrow = settlement("acme", "r2", List.of(answered(1, "azure", 7)), 20);
    tomorrow.setRecordedAt(AT.plusMillis(1));

    billing.book(today);
    billing.book(tomorrow);

    var midnight = Instant.parse("2026-03-15T00:00:00Z");
    var pools = new ArrayList<String>();
    billing.reader.buckets(
        "acme",
        BucketWidth.DAY,
        midnight.minus(Duration.ofDays(1)),
        midnight,
        (key, _) -> pools.add(key.group().pool()));
    assertThat(pools).containsExactly("azure", "openai");
    billing.reader.buckets(
        "acme",
        BucketWidth.MINUTE,
        midnight,
        midnight.plusSeconds(60),
        (key, _) -> pools.add(key.group().pool()));
    assertThat(pools).containsExactly("azure", "openai", "azure");
    var total = requireNonNull(totals("acme").get(new RollUpKey.Total("acme", "small", "azure")));
    assertThat(total.requests()).isEqualTo(2);
    assertThat(total.chargeNanoUsd()).isEqualTo(40);
    assertThat(total.costNanoUsd()).isEqualTo(14);
    assertThat(total.chargedTokens()).isEqualTo(Map.of("input_uncached", 22L, "output_text", 14L));
  }

  @Test
  void oneOrganisationNeverSeesTheSumsAndEntriesOfAnother() throws Exception {
    billing.book(settlement("acme", "r1", List.of(answered(1, "openai", 1)), 20));
    billing.book(settlement("acme2", "r2", List.of(answered(1, "openai", 1)), 30));

    assertThat(totals("acme")).hasSize(1);
    assertThat(billing.reader.entries("acme", 0, 100))
        .extracting(LedgerEntryPosted::getRequestId)
        .containsExactly("r1");
    assertThat(billing.reader.entries("acm", 0, 100)).isEmpty();
    assertThat(totals("acm")).isEmpty();
  }

  @Test
  void onlyTheLatestEntriesAreKeptForReading() throws Exception {
    for (int i = 1; i <= 8; i++) {
      billing.book(settlement("acme", "r" + i, List.of(), 20));
    }

    assertThat(billing.reader.entries("acme", 0, 100))
        .extracting(LedgerEntryPosted::getSequence)
        .containsExactly(4L, 5L, 6L, 7L, 8L);
    assertThat(billing.reader.entries("acme", 5, 2))
        .extracting(LedgerEntryPosted::getSequence)
        .containsExactly(6L, 7L);
  }

  @Test
  void aUsageIdIsForgottenAfterItsRetentionAndNotBefore() {
    for (int i = 0; i < 250; i++) {
      billing.book(settlement("acme", "r" + i, List.of(), 20));
    }
    var seen = billing.driver.getKeyValueStore(BillingTopology.SEEN);

    billing.driver.advanceWallClockTime(BillingHarness.LIMITS.seenRetention());
    assertThat(seen.get(Keys.seen("acme", "r0"))).isNotNull();
    for (int step = 0; step < 5; step++) {
      billing.driver.advanceWallClockTime(Duration.ofSeconds(1));
    }

    try (var left = seen.all()) {
      assertThat(left.hasNext()).isFalse();
    }
  }

  @Test
  void aContradictingRecordStopsThePartitionAndChangesNothing() {
    var usage = settlement("acme", "r1", List.of(), 20);
    usage.setChargeNanoUsd(21);

    assertThatThrownBy(() -> billing.book(usage))
        .hasRootCauseInstanceOf(LedgerViolation.class)
        .hasRootCauseMessage("usage r1 charges 21 nano-USD, but its lines add up to 20");
  }

  @Test
  void usageUnderAWrongKeyStopsThePartition() {
    assertThatThrownBy(
            () -> billing.usage.pipeInput("globex", settlement("acme", "r1", List.of(), 20)))
        .hasRootCauseInstanceOf(LedgerViolation.class)
        .hasRootCauseMessage("usage r1 is not keyed by its organisation");
  }

  @Test
  void publicRecordsCarryCloudEventsAttributesAndTheTrace() {
    var headers = new RecordHeaders();
    headers.add("traceparent", "00-1-2-01".getBytes(StandardCharsets.UTF_8));
    headers.add("ce_id", "of the usage".getBytes(StandardCharsets.UTF_8));

    billing.usage.pipeInput(
        new TestRecord<>(
            "acme", settlement("acme", "r1", List.of(), 20), headers, BillingHarness.START));

    var sent = new HashMap<String, String>();
    billing
        .ledger
        .readRecord()
        .headers()
        .forEach(
            header -> sent.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
    assertThat(sent)
        .containsOnly(
            Map.entry("ce_specversion", "1.0"),
            Map.entry("ce_id", "entry_r1"),
            Map.entry("ce_source", "/penstock/billing"),
            Map.entry("ce_type", "io.penstock.ledger-entry-posted"),
            Map.entry("ce_time", "2026-03-15T00:00:01Z"),
            Map.entry("content-type", "application/avro"),
            Map.entry("traceparent", "00-1-2-01"));
  }

  @Test
  void theEntriesOfAPartitionAreAHashChain() {
    billing.book(settlement("acme", "r1", List.of(answered(1, "openai", 1)), 20));
    billing.book(settlement("acme", "free", List.of()));
    billing.book(settlement("globex", "r2", List.of(answered(1, "openai", 1)), 30));

    var entries = billing.ledger.readValuesToList();

    assertThat(entries).extracting(LedgerEntryPosted::getChainPosition).containsExactly(1L, 2L);
    assertThat(entries.getFirst().getPreviousHash()).isEqualTo("0".repeat(64));
    assertThat(entries.getLast().getPreviousHash()).isEqualTo(entries.getFirst().getHash());
    assertThat(entries)
        .allSatisfy(entry -> assertThat(CanonicalEntry.hash(entry)).isEqualTo(entry.getHash()));
  }

  @Test
  void led11UsageAfterTheCloseOfItsMonthIsACorrectionInThePresentOne() throws Exception {
    var late = settlement("acme", "r1", List.of(), 20);
    late.setRecordedAt(Instant.parse("2026-02-27T12:00:00Z"));

    billing.book(late);

    var entry = billing.ledger.readValue();
    assertThat(entry.getKind()).isEqualTo(LedgerEntryKind.CORRECTION);
    assertThat(entry.getPeriod()).isEqualTo("2026-03");
    assertThat(entry.getCorrectsPeriod()).isEqualTo("2026-02");
    assertThat(billing.reader.period("acme", YearMonth.of(2026, 2)).sums())
        .isEqualTo(ChargeSums.ZERO);
    assertThat(billing.reader.period("acme", YearMonth.of(2026, 3)).sums())
        .isEqualTo(new ChargeSums(1, 20, 1));
  }

  @Test
  void aMonthThatIsClosedStaysClosedWhateverIsStampedLater() {
    billing.usage.pipeInput(
        "acme", settlement("acme", "r1", List.of(), 20), Instant.parse("2026-03-15T00:00:00Z"));
    var old = settlement("acme", "r2", List.of(), 20);
    old.setRecordedAt(Instant.parse("2026-02-28T23:00:00Z"));

    billing.usage.pipeInput("acme", old, Instant.parse("2026-03-01T00:00:00Z"));

    assertThat(billing.ledger.readValuesToList())
        .extracting(LedgerEntryPosted::getPeriod)
        .containsExactly("2026-03", "2026-03");
  }

  @Test
  void onASilentPartitionMonthsCloseByThemselves() throws Exception {
    billing.book(settlement("acme", "r1", List.of(), 20));

    billing.driver.advanceWallClockTime(Duration.ofDays(21));

    assertThat(billing.reader.period("acme", YearMonth.of(2026, 3)).clock())
        .isAfter(Instant.parse("2026-04-04T00:00:00Z"));
  }

  @Test
  void aCorrectionLowersWhatIsOwed() throws Exception {
    billing.book(settlement("acme", "r1", List.of(), 20));

    billing.book(correction("acme", "c1", -5));

    var accounts = billing.reader.standing("acme").books().accounts();
    assertThat(requireNonNull(accounts.get("receivable")))
        .isEqualTo(new Balance(20, 5, 2, BillingHarness.START));
    assertThat(requireNonNull(accounts.get("revenue")))
        .isEqualTo(new Balance(5, 20, 2, BillingHarness.START));
    assertThat(billing.ledger.readValuesToList().getLast().getCorrectsPeriod())
        .isEqualTo("2026-02");
  }

  @Test
  void endUsersBeyondTheLimitOfADayAreSummedTogether() throws Exception {
    for (int i = 0; i < Label.NAMES_MAX + 2; i++) {
      var usage = settlement("acme", "r" + i, List.of());
      usage.setEndUser("user " + i);
      billing.book(usage);
    }

    var names = new HashMap<String, Long>();
    var day = LocalDate.of(2026, 3, 14);
    billing.reader.labels(
        "acme",
        Label.END_USER,
        day,
        day.plusDays(1),
        (key, sums) -> names.merge(key.name(), sums.requests(), Long::sum));

    assertThat(names).hasSize(Label.NAMES_MAX + 1).containsEntry(Label.OTHER, 2L);
  }

  @Test
  void minutesAreForgottenBeforeHoursAndHoursBeforeDays() throws Exception {
    billing.book(settlement("acme", "r1", List.of(), 20));

    billing.driver.advanceWallClockTime(Duration.ofDays(3));
    billing.driver.advanceWallClockTime(Duration.ofSeconds(1));

    assertThat(kept(BucketWidth.MINUTE)).isZero();
    assertThat(kept(BucketWidth.HOUR)).isEqualTo(1);

    billing.driver.advanceWallClockTime(Duration.ofDays(60));
    billing.driver.advanceWallClockTime(Duration.ofSeconds(1));

    assertThat(kept(BucketWidth.HOUR)).isZero();
    assertThat(kept(BucketWidth.DAY)).isEqualTo(1);
    assertThat(totals("acme")).hasSize(1);
  }

  private long kept(BucketWidth width) throws Exception {
    var rows = new ArrayList<RollUpKey>();
    billing.reader.buckets(
        "acme", width, Instant.EPOCH, AT.plusSeconds(60), (key, _) -> rows.add(key));
    return rows.size();
  }

  @Test
  void aBalanceCarriesCloudEventsAttributesToo() {
    billing.book(settlement("acme", "r1", List.of(), 20));
    billing.driver.advanceWallClockTime(BillingHarness.LIMITS.balancesEvery());

    var headers = billing.balances.readRecord().headers();

    assertThat(new String(headers.lastHeader("ce_type").value(), StandardCharsets.UTF_8))
        .isEqualTo("io.penstock.balance-changed");
    assertThat(new String(headers.lastHeader("ce_id").value(), StandardCharsets.UTF_8))
        .isEqualTo("acme/receivable#1");
    assertThat(new String(headers.lastHeader("ce_source").value(), StandardCharsets.UTF_8))
        .isEqualTo("/penstock/billing");
  }

  @Test
  void theTopologyIsTheOneThatWasAgreedOn() throws IOException {
    var topology =
        BillingTopology.of(
            BillingHarness.TOPICS, RecordSerdes.inMemory("describe"), BillingHarness.LIMITS);

    try (var golden = BillingTopologyTest.class.getResourceAsStream("/golden/topology.txt")) {
      assertThat(golden).isNotNull();
      assertThat(topology.describe().toString())
          .isEqualToIgnoringNewLines(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private Map<RollUpKey, RollUp> totals(String organization) throws Exception {
    var totals = new HashMap<RollUpKey, RollUp>();
    billing.reader.totals(organization, totals::put);
    return totals;
  }

  private static KeyValue<String, BalanceChanged> balance(
      String account, long debits, long credits, long sequence) {
    return KeyValue.pair(
        "acme/" + account,
        new BalanceChanged(
            "acme", account, "USD", debits, credits, sequence, BillingHarness.START));
  }

  private static long sum(LedgerEntryPosted entry, Side side) {
    return entry.getPostings().stream()
        .filter(posting -> posting.getSide() == side)
        .mapToLong(posting -> posting.getAmountNanoUsd())
        .sum();
  }
}
