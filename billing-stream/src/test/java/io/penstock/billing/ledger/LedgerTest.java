package io.penstock.billing.ledger;

import static io.penstock.billing.UsageFixtures.AT;
import static io.penstock.billing.UsageFixtures.answered;
import static io.penstock.billing.UsageFixtures.correction;
import static io.penstock.billing.UsageFixtures.failed;
import static io.penstock.billing.UsageFixtures.lateCost;
import static io.penstock.billing.UsageFixtures.line;
import static io.penstock.billing.UsageFixtures.settlement;
import static io.penstock.schemas.avro.Side.CREDIT;
import static io.penstock.schemas.avro.Side.DEBIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.billing.report.RollUp;
import io.penstock.billing.report.UsageRows;
import io.penstock.schemas.avro.BudgetPosting;
import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.UsageKind;
import io.penstock.schemas.avro.UsageRecorded;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LedgerTest {

  @Test
  void aChargeGoesFromTheReceivableThroughClearingToRevenueAndACostToThePayable() {
    var usage = settlement("acme", "r1", List.of(answered(1, "openai", 40)), 60, 39);

    var entry = Ledger.book(usage);

    assertThat(entry)
        .isEqualTo(
            new LedgerEntry(
                "entry_r1",
                "acme",
                "r1",
                "r1",
                List.of(
                    new LedgerPosting("receivable", DEBIT, 99),
                    new LedgerPosting("clearing/r1", CREDIT, 99),
                    new LedgerPosting("clearing/r1", DEBIT, 99),
                    new LedgerPosting("revenue", CREDIT, 99),
                    new LedgerPosting("cost/openai", DEBIT, 40),
                    new LedgerPosting("clearing/r1", CREDIT, 40),
                    new LedgerPosting("clearing/r1", DEBIT, 40),
                    new LedgerPosting("payable/openai", CREDIT, 40)),
                AT));
  }

  @Test
  void led16ARequestWithThreeAttemptsOnTwoPoolsIsChargedOnceAndCostsAtBoth() {
    var attempts = List.of(failed(1, "openai", 5), failed(2, "openai", 6), answered(3, "azure", 7));

    var entry = Ledger.book(settlement("acme", "r1", attempts, 20));

    assertThat(entry.postings())
        .contains(
            new LedgerPosting("receivable", DEBIT, 20),
            new LedgerPosting("cost/openai", DEBIT, 11),
            new LedgerPosting("payable/openai", CREDIT, 11),
            new LedgerPosting("cost/azure", DEBIT, 7),
            new LedgerPosting("payable/azure", CREDIT, 7));
    assertThat(entry.total(DEBIT)).isEqualTo(2 * (20 + 18));
    assertThat(
            entry.postings().stream()
                .filter(posting -> posting.account().equals("clearing/r1"))
                .mapToLong(
                    posting ->
                        posting.side() == DEBIT
                            ? posting.amountNanoUsd()
                            : -posting.amountNanoUsd())
                .sum())
        .isZero();
    assertThat(UsageRows.byPool(settlement("acme", "r1", attempts, 20)).values())
        .extracting(RollUp::requests, RollUp::calls, RollUp::costNanoUsd)
        .containsExactly(tuple(1L, 1L, 7L), tuple(0L, 2L, 11L));
  }

  @Test
  void whatExceedsTheHoldIsEarnedOnAnAccountOfItsOwn() {
    var usage = settlement("acme", "r1", List.of(), 100);
    usage.setOverageNanoUsd(30);

    var entry = Ledger.book(usage);

    assertThat(entry.postings())
        .contains(
            new LedgerPosting("revenue", CREDIT, 70), new LedgerPosting("overage", CREDIT, 30));
  }

  @Test
  void aChargeThatIsAllOverageMakesNoPostingOnRevenue() {
    var usage = settlement("acme", "r1", List.of(), 100);
    usage.setOverageNanoUsd(100);

    var entry = Ledger.book(usage);

    assertThat(entry.postings()).extracting(LedgerPosting::account).doesNotContain("revenue");
  }

  @Test
  void aGrantWhoseNameHadToBeEscapedIsBookedUnderItsName() {
    var usage = settlement("acme", "r1", List.of(), 20);
    usage.setPostings(
        List.of(new BudgetPosting("acme|credit|a%7Cb%25", BudgetUnit.NANO_USD, 20L, 20L)));

    assertThat(Ledger.book(usage).postings())
        .contains(new LedgerPosting("credit/a|b%", DEBIT, 20))
        .extracting(LedgerPosting::account)
        .doesNotContain("receivable");
  }

  @Test
  void aLateCostBooksTheCostAndNothingElse() {
    var entry = Ledger.book(lateCost("acme", "r1", failed(2, "openai", 9)));

    assertThat(entry.entryId()).isEqualTo("entry_r1/2");
    assertThat(entry.postings())
        .extracting(LedgerPosting::account)
        .containsExactly("cost/openai", "clearing/r1", "clearing/r1", "payable/openai");
  }

  @Test
  void usageWithoutAnyAmountMakesAnEmptyEntry() {
    var entry = Ledger.book(settlement("acme", "r1", List.of(answered(1, "openai", 0)), 0, 0));

    assertThat(entry.isEmpty()).isTrue();
  }

  @Test
  void theSameUsageMakesTheSameEntryTwice() {
    var usage = settlement("acme", "r1", List.of(answered(1, "openai", 40)), 99);

    assertThat(Ledger.book(usage)).isEqualTo(Ledger.book(UsageRecorded.newBuilder(usage).build()));
  }

  @Test
  void aChargeThatIsNotTheSumOfItsLinesIsRefused() {
    var usage = settlement("acme", "r1", List.of(), 60, 39);
    usage.setChargeNanoUsd(100);

    assertThatThrownBy(() -> Ledger.book(usage))
        .isInstanceOf(LedgerViolation.class)
        .hasMessage("usage r1 charges 100 nano-USD, but its lines add up to 99");
  }

  @Test
  void aCostThatIsNotTheSumOfItsAttemptsIsRefused() {
    var usage = settlement("acme", "r1", List.of(answered(1, "openai", 40)), 99);
    usage.setCostNanoUsd(41);

    assertThatThrownBy(() -> Ledger.book(usage))
        .isInstanceOf(LedgerViolation.class)
        .hasMessage("usage r1 costs 41 nano-USD, but its attempts add up to 40");
  }

  @Test
  void aLateCostThatChargesIsRefused() {
    var usage = lateCost("acme", "r1", failed(2, "openai", 9));
    usage.setChargeNanoUsd(1);
    usage.setChargeLines(List.of(line(1)));

    assertThatThrownBy(() -> Ledger.book(usage))
        .isInstanceOf(LedgerViolation.class)
        .hasMessage("usage r1/2 is a late cost and must not charge");
  }

  @Test
  void aCorrectionBooksTheDifferenceOnTheOtherSides() {
    var entry = Ledger.book(correction("acme", "c1", -5));

    assertThat(entry.entryId()).isEqualTo("entry_correction/c1");
    assertThat(entry.postings())
        .containsExactly(
            new LedgerPosting("receivable", CREDIT, 5),
            new LedgerPosting("clearing/c1", DEBIT, 5),
            new LedgerPosting("clearing/c1", CREDIT, 5),
            new LedgerPosting("revenue", DEBIT, 5));
  }

  @Test
  void aCorrectionThatCostsIsRefused() {
    var usage = correction("acme", "c1", -5);
    usage.setAttempts(List.of(answered(1, "openai", 0)));

    assertThatThrownBy(() -> Ledger.book(usage))
        .hasMessage("usage correction/c1 is a correction and must not cost anything");
  }

  @Test
  void anUnknownKindIsRefusedInsteadOfGuessed() {
    var usage = settlement("acme", "r1", List.of(), 1);
    usage.setKind(UsageKind.UNKNOWN);

    assertThatThrownBy(() -> Ledger.book(usage))
        .isInstanceOf(LedgerViolation.class)
        .hasMessage("usage r1 is of a kind that this version does not know");
  }

  @Test
  void negativeAmountsAreRefusedWhereverTheyAre() {
    var charge = settlement("acme", "charge", List.of(), -1);
    var line = settlement("acme", "line", List.of(), 5, -1);
    var attempt =
        settlement("acme", "attempt", List.of(answered(1, "a", 5), failed(2, "b", -1)), 5);
    var overage = settlement("acme", "overage", List.of(), 5);
    overage.setOverageNanoUsd(-1);

    assertThatThrownBy(() -> Ledger.book(charge)).hasMessage("usage charge has a negative amount");
    assertThatThrownBy(() -> Ledger.book(line)).hasMessage("usage line has a negative charge line");
    assertThatThrownBy(() -> Ledger.book(attempt))
        .hasMessage("usage attempt has an attempt of negative cost");
    assertThatThrownBy(() -> Ledger.book(overage))
        .hasMessage("usage overage has an overage outside its charge");
  }

  @Test
  void anOverageBeyondTheChargeIsRefused() {
    var usage = settlement("acme", "r1", List.of(), 5);
    usage.setOverageNanoUsd(6);

    assertThatThrownBy(() -> Ledger.book(usage))
        .hasMessage("usage r1 has an overage outside its charge");
  }

  @Test
  void amountsThatDoNotFitAreRefusedAndNeverWrapAround() {
    var usage = settlement("acme", "r1", List.of(), 1);
    usage.setChargeLines(List.of(line(Long.MAX_VALUE), line(Long.MAX_VALUE)));

    assertThatThrownBy(() -> Ledger.book(usage)).isInstanceOf(ArithmeticException.class);
  }
}
