package io.penstock.billing.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.billing.RandomUsage;
import io.penstock.billing.ledger.Booking;
import io.penstock.billing.ledger.Booking.Decision;
import io.penstock.billing.ledger.Books;
import io.penstock.billing.ledger.ChainHead;
import io.penstock.billing.ledger.LedgerAudit;
import io.penstock.billing.ledger.LedgerAudit.Age;
import io.penstock.schemas.avro.AuditRecorded;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.SeenUsage;
import io.penstock.schemas.avro.UsageRecorded;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  BookingPropertyTest() {}

  @Test
  void led02TopologyCoreAndAnIndependentFoldAgreeWhateverComesHoweverOften() throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      var stream = stream(seed);
      try (var billing = new BillingHarness(directory.resolve("seed-" + seed))) {
        stream.forEach(billing::book);
        billing.driver.advanceWallClockTime(BillingHarness.LIMITS.balancesEvery());

        var ledger = billing.ledger.readValuesToList();
        assertThat(ledger).as("seed %d", seed).isEqualTo(core(stream));
        var audit = new LedgerAudit(true);
        billing.audit.readValuesToList().forEach(told -> quarantined(audit, told));
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
    var stream = stream(SEEDS);
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

  private static void quarantined(LedgerAudit audit, AuditRecorded told) {
    if (told.getAction().equals(Mishaps.QUARANTINED)) {
      audit.quarantined(told.getOrganization(), told.getSubject());
    }
  }

  /** The lines of all months add up to what the ledger has on the receivable and on credit. */
  private static void assertInvoicesAddUp(
      BillingHarness billing, String organization, List<LedgerEntryPosted> ledger)
      throws Exception {
    var receivable = 0L;
    for (var entry : ledger) {
      if (entry.getOrganization().equals(organization)) {
        for (var posting : entry.getPostings()) {
          if (posting.getAccount().equals("receivable")
              || posting.getAccount().startsWith("credit/")) {
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

  private static List<UsageRecorded> stream(long seed) {
    var random = new RandomUsage(seed, ORGANIZATIONS, BillingHarness.START);
    var usage = new ArrayList<UsageRecorded>();
    for (int i = 0; i < REQUESTS; i++) {
      usage.add(random.next());
    }
    return usage;
  }

  /** The pure core, without any stream. */
  private static List<LedgerEntryPosted> core(List<UsageRecorded> stream) {
    var seen = new HashMap<String, SeenUsage>();
    var books = new HashMap<String, Books>();
    var head = ChainHead.GENESIS;
    var entries = new ArrayList<LedgerEntryPosted>();
    for (var usage : stream) {
      var organization = usage.getOrganization();
      var id = organization + "\n" + usage.getUsageId();
      var known =
          new Booking.Known(
              books.getOrDefault(organization, Books.empty(organization)), head, seen.get(id));
      var decision =
          Booking.decide(
              usage,
              known,
              BillingHarness.LIMITS.periods(),
              BillingHarness.START,
              BillingHarness.START);
      seen.putIfAbsent(
          id,
          new SeenUsage(usage.getChargeNanoUsd(), usage.getCostNanoUsd(), BillingHarness.START));
      switch (decision) {
        case Decision.Booked booked -> {
          books.put(organization, booked.books());
          head = booked.head();
          if (booked.entry() != null) {
            entries.add(booked.entry());
          }
        }
        case Decision.Quarantined quarantined -> head = quarantined.head();
        case Decision.Repeated _, Decision.Contradicted _ -> {
          // nothing is booked
        }
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
      if (!seen.add(prefix + usage.getUsageId())
          || !RandomUsage.isBelievable(usage, BillingHarness.START)) {
        continue;
      }
      var owed = usage.getChargeNanoUsd();
      for (var posting : usage.getPostings()) {
        var parts = List.of(posting.getAccount().split("\\|"));
        if (parts.size() == 3 && parts.get(1).equals("credit")) {
          move(balances, prefix + "credit/" + parts.getLast(), posting.getPosted());
          owed -= posting.getPosted();
        }
      }
      move(balances, prefix + "receivable", owed);
      move(balances, prefix + "revenue", usage.getOverageNanoUsd() - usage.getChargeNanoUsd());
      move(balances, prefix + "overage", -usage.getOverageNanoUsd());
      for (var attempt : usage.getAttempts()) {
        move(balances, prefix + "cost/" + attempt.getPool(), attempt.getCostNanoUsd());
        move(balances, prefix + "payable/" + attempt.getPool(), -attempt.getCostNanoUsd());
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
