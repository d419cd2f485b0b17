package io.penstock.billing.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.billing.RandomUsage;
import io.penstock.billing.ledger.Booking.Decision;
import io.penstock.billing.ledger.LedgerAudit.Age;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.SeenUsage;
import io.penstock.schemas.avro.Side;
import io.penstock.schemas.avro.UsageRecorded;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A million random commands against a second accountant, who uses big integers and knows no ledger:
 * what he checks after each is named as in {@code docs/ledger.md}, "What always holds".
 */
final class LedgerPropertyTest {

  private static final int SEEDS = 1_000;
  private static final int COMMANDS = 1_000;
  private static final List<String> ORGANIZATIONS = List.of("acme", "acme2");
  private static final Instant NOW = Instant.parse("2026-03-15T12:00:00Z");
  private static final BillingPeriods PERIODS = new BillingPeriods(Duration.ofHours(72));

  @Test
  void led01AfterEachOfAMillionRandomCommandsTheBooksAreRight() {
    for (long seed = 0; seed < SEEDS; seed++) {
      new Run(seed).all(COMMANDS);
    }
  }

  @Test
  void led01ASeedGivesTheSameChainBitForBit() {
    assertThat(new Run(7).all(COMMANDS)).isEqualTo(new Run(7).all(COMMANDS));
  }

  /** One seed: the books, and the accountant beside them. */
  private static final class Run {
    private final long seed;
    private final RandomUsage random;
    private final Map<String, Books> books = new HashMap<>();
    private final Map<String, SeenUsage> seen = new HashMap<>();
    private final Map<String, BigInteger> expected = new HashMap<>();
    private final LedgerAudit rebuilt = new LedgerAudit(false);
    private ChainHead head = ChainHead.GENESIS;
    private int step;

    Run(long seed) {
      this.seed = seed;
      this.random = new RandomUsage(seed, ORGANIZATIONS, NOW);
    }

    String all(int commands) {
      for (step = 0; step < commands; step++) {
        if (step % 20 == 19) {
          refused(random.broken());
        } else {
          handled(random.next());
        }
      }
      holds(rebuilt.findings().differences().isEmpty(), "I12 rebuild: no difference");
      for (var organization : ORGANIZATIONS) {
        holds(
            of(organization)
                .equals(rebuilt.books().getOrDefault(organization, Books.empty(organization))),
            "I12 rebuild = live");
        complete(of(organization));
      }
      return head.hash();
    }

    /** I11: what is refused leaves no trace. */
    private void refused(UsageRecorded usage) {
      try {
        decide(usage, null);
      } catch (LedgerViolation | ArithmeticException e) {
        return;
      }
      holds(false, "I11 a contradiction is refused: " + usage.getUsageId());
    }

    private Decision decide(UsageRecorded usage, @Nullable SeenUsage before) {
      return Booking.decide(
          usage,
          new Booking.Known(of(usage.getOrganization()), head, before),
          PERIODS,
          NOW.plusMillis(step),
          NOW);
    }

    private void handled(UsageRecorded usage) {
      var id = usage.getOrganization() + "\n" + usage.getUsageId();
      var before = seen.get(id);
      switch (decide(usage, before)) {
        case Decision.Repeated() ->
            holds(
                before != null && before.getCostNanoUsd() == usage.getCostNanoUsd(),
                "I5 only what is known repeats");
        case Decision.Contradicted(_) ->
            holds(
                before != null && before.getCostNanoUsd() != usage.getCostNanoUsd(),
                "I5 only other amounts contradict");
        case Decision.Quarantined(_, var next) -> {
          holds(!RandomUsage.isBelievable(usage, NOW), "quarantine of the unbelievable only");
          head = next;
        }
        case Decision.Booked(var next, var nextHead, var entry) -> {
          holds(before == null, "I5 booked once");
          holds(RandomUsage.isBelievable(usage, NOW), "the unbelievable is not booked");
          var had = of(usage.getOrganization());
          books.put(usage.getOrganization(), next);
          head = nextHead;
          account(usage);
          if (entry != null) {
            entry(usage, entry, had, next);
          }
        }
      }
      seen.putIfAbsent(id, new SeenUsage(usage.getChargeNanoUsd(), usage.getCostNanoUsd(), NOW));
    }

    private void entry(UsageRecorded usage, LedgerEntryPosted entry, Books had, Books next) {
      var difference = BigInteger.ZERO;
      var clearing = BigInteger.ZERO;
      var cost = BigInteger.ZERO;
      for (var posting : entry.getPostings()) {
        var signed =
            BigInteger.valueOf(
                posting.getSide() == Side.DEBIT
                    ? posting.getAmountNanoUsd()
                    : -posting.getAmountNanoUsd());
        difference = difference.add(signed);
        if (posting.getAccount().startsWith("clearing/")) {
          clearing = clearing.add(signed);
          continue;
        }
        if (posting.getAccount().startsWith("cost/")) {
          cost = cost.add(signed);
        }
        var account = posting.getAccount();
        var before = had.accounts().getOrDefault(account, Balance.ZERO);
        var after = next.accounts().getOrDefault(account, Balance.ZERO);
        holds(
            after.debitsNanoUsd() >= before.debitsNanoUsd()
                && after.creditsNanoUsd() >= before.creditsNanoUsd(),
            "I10 no counter falls");
        holds(
            signed(after).equals(expected(usage.getOrganization(), account)),
            "I2 balance of " + account);
      }
      holds(difference.signum() == 0, "I1 debits = credits");
      holds(clearing.signum() == 0, "I9 clearing is zero");
      holds(
          cost.equals(
              usage.getAttempts().stream()
                  .map(attempt -> BigInteger.valueOf(attempt.getCostNanoUsd()))
                  .reduce(BigInteger.ZERO, BigInteger::add)),
          "I6 cost of all attempts");
      holds(entry.getSequence() == had.sequence() + 1, "sequence without a gap");
      rebuilt.entry(0, entry, Age.RECENT);
    }

    /** What the accounts have to show, without any entry. */
    private void account(UsageRecorded usage) {
      var organization = usage.getOrganization();
      var owed = usage.getChargeNanoUsd();
      var prefix = organization + "|credit|";
      for (var posting : usage.getPostings()) {
        var account = posting.getAccount();
        if (account.startsWith(prefix) && account.indexOf('|', prefix.length()) < 0) {
          move(organization, "credit/" + account.substring(prefix.length()), posting.getPosted());
          owed -= posting.getPosted();
        }
      }
      move(organization, "receivable", owed);
      move(organization, "revenue", usage.getOverageNanoUsd() - usage.getChargeNanoUsd());
      move(organization, "overage", -usage.getOverageNanoUsd());
      for (var attempt : usage.getAttempts()) {
        move(organization, "cost/" + attempt.getPool(), attempt.getCostNanoUsd());
        move(organization, "payable/" + attempt.getPool(), -attempt.getCostNanoUsd());
      }
    }

    /** I2: every account, and none that should not be there. */
    private void complete(Books of) {
      var all = BigInteger.ZERO;
      for (var account : of.accounts().entrySet()) {
        var balance = signed(account.getValue());
        holds(
            balance.equals(expected(of.organization(), account.getKey())),
            "I2 balance of " + account.getKey());
        all = all.add(balance);
      }
      holds(all.signum() == 0, "I1 the books are balanced");
    }

    private Books of(String organization) {
      return books.getOrDefault(organization, Books.empty(organization));
    }

    private BigInteger expected(String organization, String account) {
      return expected.getOrDefault(organization + "\n" + account, BigInteger.ZERO);
    }

    private void move(String organization, String account, long nanoUsd) {
      if (nanoUsd != 0) {
        expected.merge(organization + "\n" + account, BigInteger.valueOf(nanoUsd), BigInteger::add);
      }
    }

    private static BigInteger signed(Balance balance) {
      return BigInteger.valueOf(balance.debitsNanoUsd())
          .subtract(BigInteger.valueOf(balance.creditsNanoUsd()));
    }

    private void holds(boolean condition, String what) {
      if (!condition) {
        throw new AssertionError("seed " + seed + ", step " + step + ": " + what);
      }
    }
  }
}
