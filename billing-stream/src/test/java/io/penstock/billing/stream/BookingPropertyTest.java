package io.penstock.billing.stream;

import static io.penstock.billing.UsageFixtures.answered;
import static io.penstock.billing.UsageFixtures.correction;
import static io.penstock.billing.UsageFixtures.failed;
import static io.penstock.billing.UsageFixtures.lateCost;
import static io.penstock.billing.UsageFixtures.settlement;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.billing.ledger.Books;
import io.penstock.billing.ledger.ChainHead;
import io.penstock.billing.ledger.Journal;
import io.penstock.billing.ledger.Ledger;
import io.penstock.billing.ledger.LedgerAudit;
import io.penstock.billing.ledger.LedgerAudit.Age;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.UsageRecorded;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random usage of several organisations, with repetitions, in any order, with late costs and
 * corrections: through the topology, through the core alone, and through an accountant who knows
 * neither.
 */
final class BookingPropertyTest {

  private static final int SEEDS = 5;
  private static final int REQUESTS = 600;
  private static final List<String> ORGANIZATIONS = List.of("acme", "acme2", "a/c", "日本");
  private static final List<String> POOLS = List.of("openai", "azure");

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  BookingPropertyTest() {}

  @Test
  void led01And02TopologyCoreAndAnIndependentFoldAgreeWhateverComesHoweverOften() throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      var stream = stream(new Random(seed));
      try (var billing = new BillingHarness(directory.resolve("seed-" + seed))) {
        stream.forEach(billing::book);
        billing.driver.advanceWallClockTime(BillingHarness.LIMITS.balancesEvery());

        var ledger = billing.ledger.readValuesToList();
        assertThat(ledger).as("seed %d", seed).isEqualTo(core(stream));
        var audit = new LedgerAudit(true);
        stream.forEach(usage -> audit.usage(usage, Age.SETTLED));
        billing
            .balances
            .readValuesToList()
            .forEach(balance -> audit.published("topic balances", balance));
        ledger.forEach(entry -> audit.entry(0, entry, Age.SETTLED));
        assertThat(audit.findings().differences()).as("seed %d", seed).isEmpty();
        assertThat(balances(audit.books())).as("seed %d", seed).isEqualTo(fold(stream));
        for (var organization : ORGANIZATIONS) {
          assertThat(billing.reader.standing(organization).books())
              .isEqualTo(audit.books().getOrDefault(organization, Books.empty(organization)));
          assertInvoicesAddUp(billing, organization, ledger);
        }
      }
    }
  }

  @Test
  void led13BookingEverythingAgainFromTheBeginningGivesTheSameChainAndBalances() throws Exception {
    var stream = stream(new Random(SEEDS));
    List<LedgerEntryPosted> first;
    var books = new HashMap<String, Books>();
    try (var billing = new BillingHarness(directory.resolve("first"))) {
      stream.forEach(billing::book);
      first = billing.ledger.readValuesToList();
      for (var organization : ORGANIZATIONS) {
        books.put(organization, billing.reader.standing(organization).books());
      }
    }

    try (var billing = new BillingHarness(directory.resolve("again"))) {
      stream.forEach(billing::book);

      assertThat(billing.ledger.readValuesToList()).isEqualTo(first);
      for (var organization : ORGANIZATIONS) {
        assertThat(billing.reader.standing(organization).books())
            .isEqualTo(books.get(organization));
      }
    }
  }

  /** The lines of all months add up to what the ledger has on the receivable. */
  private static void assertInvoicesAddUp(
      BillingHarness billing, String organization, List<LedgerEntryPosted> ledger)
      throws Exception {
    var receivable = 0L;
    for (var entry : ledger) {
      if (entry.getOrganization().equals(organization)) {
        for (var posting : entry.getPostings()) {
          if (posting.getAccount().equals("receivable")) {
            receivable +=
                posting.getSide() == io.penstock.schemas.avro.Side.DEBIT
                    ? posting.getAmountNanoUsd()
                    : -posting.getAmountNanoUsd();
          }
        }
      }
    }
    var charged = new long[1];
    for (var period : List.of(YearMonth.of(2026, 2), YearMonth.of(2026, 3))) {
      var inPeriod = new long[1];
      billing.reader.charges(
          organization, period, (_, sums) -> inPeriod[0] += sums.amountNanoUsd());
      assertThat(billing.reader.period(organization, period).sums().amountNanoUsd())
          .isEqualTo(inPeriod[0]);
      charged[0] += inPeriod[0];
    }
    assertThat(charged[0]).isEqualTo(receivable);
  }

  private static List<UsageRecorded> stream(Random random) {
    var usage = new ArrayList<UsageRecorded>();
    for (int i = 0; i < REQUESTS; i++) {
      var organization = ORGANIZATIONS.get(random.nextInt(ORGANIZATIONS.size()));
      var pool = POOLS.get(random.nextInt(POOLS.size()));
      var request = "r" + i;
      var record =
          switch (random.nextInt(6)) {
            case 0 -> lateCost(organization, request, failed(2, pool, random.nextInt(1_000)));
            case 1 -> correction(organization, request, random.nextInt(2_000) - 1_000);
            case 2 -> settlement(organization, request, List.of());
            default ->
                settlement(
                    organization,
                    request,
                    List.of(failed(1, "openai", random.nextInt(50)), answered(2, pool, 7)),
                    random.nextInt(1_000),
                    random.nextInt(1_000_000));
          };
      if (random.nextInt(10) == 0) {
        record.setRecordedAt(Instant.parse("2026-02-20T00:00:00Z"));
      }
      usage.add(record);
      while (random.nextInt(3) == 0) {
        usage.add(UsageRecorded.newBuilder(record).build());
      }
    }
    Collections.shuffle(usage, random);
    return usage;
  }

  /** The pure core, without any stream. */
  private static List<LedgerEntryPosted> core(List<UsageRecorded> stream) {
    var seen = new HashSet<String>();
    var books = new HashMap<String, Books>();
    var head = ChainHead.GENESIS;
    var entries = new ArrayList<LedgerEntryPosted>();
    for (var usage : stream) {
      var organization = usage.getOrganization();
      if (!seen.add(organization + "\n" + usage.getUsageId())) {
        continue;
      }
      var entry = Ledger.book(usage);
      var after =
          books
              .getOrDefault(organization, Books.empty(organization))
              .plus(entry, BillingHarness.START);
      books.put(organization, after);
      head = head.at(BillingHarness.START);
      if (!entry.isEmpty()) {
        var appended =
            Journal.append(
                entry,
                usage,
                head,
                BillingHarness.LIMITS.periods(),
                after.sequence(),
                BillingHarness.START);
        head = appended.head();
        entries.add(appended.entry());
      }
    }
    return entries;
  }

  private static Map<String, BigInteger> balances(Map<String, Books> books) {
    var balances = new TreeMap<String, BigInteger>();
    books.forEach(
        (organization, of) ->
            of.accounts()
                .forEach(
                    (account, balance) ->
                        move(
                            balances,
                            organization + "|" + account,
                            Math.subtractExact(
                                balance.debitsNanoUsd(), balance.creditsNanoUsd()))));
    return balances;
  }

  /** What the accounts have to show, by somebody who knows no entries. */
  private static Map<String, BigInteger> fold(List<UsageRecorded> stream) {
    var balances = new TreeMap<String, BigInteger>();
    var seen = new HashSet<String>();
    for (var usage : stream) {
      var prefix = usage.getOrganization() + "|";
      if (seen.add(prefix + usage.getUsageId())) {
        move(balances, prefix + "receivable", usage.getChargeNanoUsd());
        move(balances, prefix + "revenue", -usage.getChargeNanoUsd());
        for (var attempt : usage.getAttempts()) {
          move(balances, prefix + "cost/" + attempt.getPool(), attempt.getCostNanoUsd());
          move(balances, prefix + "payable/" + attempt.getPool(), -attempt.getCostNanoUsd());
        }
      }
    }
    return balances;
  }

  private static void move(Map<String, BigInteger> balances, String account, long amount) {
    var moved = balances.getOrDefault(account, BigInteger.ZERO).add(BigInteger.valueOf(amount));
    if (moved.signum() == 0) {
      balances.remove(account);
    } else {
      balances.put(account, moved);
    }
  }
}
