package io.penstock.billing.ledger;

import static io.penstock.billing.UsageFixtures.AT;
import static io.penstock.billing.UsageFixtures.answered;
import static io.penstock.billing.UsageFixtures.failed;
import static io.penstock.billing.UsageFixtures.lateCost;
import static io.penstock.billing.UsageFixtures.settlement;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.Side;
import io.penstock.schemas.avro.UsageRecorded;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Many random usages against a second, naive accountant who uses big integers and knows no ledger.
 */
final class LedgerPropertyTest {

  private static final long SEED = 20260314;
  private static final int USAGES = 200_000;
  private static final List<String> POOLS = List.of("openai", "azure", "local");

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Map<String, BigInteger> expected = new HashMap<>();

  @Test
  void whateverIsBookedDebitsAreCreditsClearingIsZeroAndNothingIsLostToTheLastNano() {
    var books = Books.empty("acme");
    var entries = 0L;
    for (int i = 0; i < USAGES; i++) {
      var entry = Ledger.book(usage("r" + i));

      books = books.plus(entry, AT);

      entries += entry.isEmpty() ? 0 : 1;
      assertThat(books.sequence()).isEqualTo(entries);
      assertThat(entry.total(Side.DEBIT)).isEqualTo(entry.total(Side.CREDIT));
    }

    assertThat(books.accounts().keySet()).noneMatch(Accounts::isClearing);
    assertThat(books.total(Side.DEBIT)).isEqualTo(books.total(Side.CREDIT));
    var actual = new HashMap<String, BigInteger>();
    books
        .accounts()
        .forEach(
            (account, balance) ->
                actual.put(
                    account,
                    BigInteger.valueOf(balance.debitsNanoUsd())
                        .subtract(BigInteger.valueOf(balance.creditsNanoUsd()))));
    assertThat(actual).as("seed %d", SEED).isEqualTo(expected);
  }

  private UsageRecorded usage(String request) {
    var attempts = attempts();
    for (var attempt : attempts) {
      move("cost/" + attempt.getPool(), attempt.getCostNanoUsd());
      move("payable/" + attempt.getPool(), -attempt.getCostNanoUsd());
    }
    if (random.nextInt(10) == 0 && !attempts.isEmpty()) {
      var late = attempts.getLast();
      attempts.removeLast();
      for (var attempt : attempts) {
        move("cost/" + attempt.getPool(), -attempt.getCostNanoUsd());
        move("payable/" + attempt.getPool(), attempt.getCostNanoUsd());
      }
      return lateCost("acme", request, late);
    }
    var lines = random.longs(random.nextInt(5)).map(this::amount).toArray();
    var usage = settlement("acme", request, attempts, lines);
    var overage = random.nextInt(4) == 0 ? random.nextLong(usage.getChargeNanoUsd() + 1) : 0;
    usage.setOverageNanoUsd(overage);
    move("receivable", usage.getChargeNanoUsd());
    move("revenue", overage - usage.getChargeNanoUsd());
    move("overage", -overage);
    return usage;
  }

  private List<Attempt> attempts() {
    var attempts = new ArrayList<Attempt>();
    var count = random.nextInt(4);
    for (int number = 1; number <= count; number++) {
      var pool = POOLS.get(random.nextInt(POOLS.size()));
      var cost = amount(random.nextLong());
      attempts.add(number == count ? answered(number, pool, cost) : failed(number, pool, cost));
    }
    return attempts;
  }

  /** Often nothing, mostly little, sometimes much. */
  private long amount(long bits) {
    return switch ((int) (bits & 3)) {
      case 0 -> 0;
      case 1 -> (bits >>> 2) % 1_000_000_000_000L;
      default -> (bits >>> 2) % 100_000;
    };
  }

  private void move(String account, long nanoUsd) {
    if (nanoUsd != 0) {
      expected.merge(account, BigInteger.valueOf(nanoUsd), BigInteger::add);
    }
  }
}
