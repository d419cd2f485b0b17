package io.penstock.billing.ledger;

import static io.penstock.billing.UsageFixtures.AT;
import static io.penstock.billing.UsageFixtures.answered;
import static io.penstock.billing.UsageFixtures.settlement;
import static io.penstock.schemas.avro.Side.CREDIT;
import static io.penstock.schemas.avro.Side.DEBIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class BooksTest {

  private static LedgerEntry entry(LedgerPosting... postings) {
    return new LedgerEntry("e1", "acme", "r1", "u1", List.of(postings), AT);
  }

  @Test
  void anEntryMovesItsAccountsAndTakesTheNextSequence() {
    var first = Ledger.book(settlement("acme", "r1", List.of(answered(1, "openai", 40)), 99));
    var second = Ledger.book(settlement("acme", "r2", List.of(), 1));
    var later = AT.plusSeconds(1);

    var books = Books.empty("acme").plus(first, AT).plus(second, later);

    assertThat(books.sequence()).isEqualTo(2);
    assertThat(books.accounts())
        .containsExactly(
            java.util.Map.entry("cost/openai", new Balance(40, 0, 1, AT)),
            java.util.Map.entry("payable/openai", new Balance(0, 40, 1, AT)),
            java.util.Map.entry("receivable", new Balance(100, 0, 2, later)),
            java.util.Map.entry("revenue", new Balance(0, 100, 2, later)));
    assertThat(books.isBalanced()).isTrue();
  }

  @Test
  void anEmptyEntryTakesNoSequence() {
    var books = Books.empty("acme");

    assertThat(books.plus(entry(), AT)).isEqualTo(books);
  }

  @Test
  void anEntryWhoseDebitsAreNotItsCreditsCannotBeMade() {
    assertThatThrownBy(
            () ->
                entry(
                    new LedgerPosting("receivable", DEBIT, 5),
                    new LedgerPosting("revenue", CREDIT, 4)))
        .isInstanceOf(LedgerViolation.class)
        .hasMessage("entry e1: debits exceed credits by 1 nano-USD");
  }

  @Test
  void anEntryThatLeavesSomethingInClearingCannotBeMade() {
    assertThatThrownBy(
            () ->
                entry(
                    new LedgerPosting("receivable", DEBIT, 5),
                    new LedgerPosting("clearing/r1", CREDIT, 5)))
        .isInstanceOf(LedgerViolation.class)
        .hasMessage("entry e1: clearing/r1 keeps -5 nano-USD");
  }

  @Test
  void aPostingOfZeroCannotBeMade() {
    assertThatThrownBy(() -> new LedgerPosting("revenue", CREDIT, 0))
        .isInstanceOf(LedgerViolation.class)
        .hasMessage("a posting on revenue must be positive, not 0");
  }

  @Test
  void anEntryOfAnotherOrganisationIsRefused() {
    var entry = Ledger.book(settlement("acme", "r1", List.of(), 1));
    var other = Books.empty("globex");

    assertThatThrownBy(() -> other.plus(entry, AT))
        .isInstanceOf(LedgerViolation.class)
        .hasMessage("entry entry_r1 does not belong to the books of globex");
  }

  @Test
  void booksThatWereWrongBeforeAreFoundOutByTheNextEntry() {
    var accounts = new TreeMap<String, Balance>();
    accounts.put("receivable", new Balance(1, 0, 1, AT));
    var wrong = new Books("acme", 1, accounts);
    var entry = Ledger.book(settlement("acme", "r1", List.of(), 1));

    assertThatThrownBy(() -> wrong.plus(entry, AT))
        .isInstanceOf(LedgerViolation.class)
        .hasMessage("the books of acme are not balanced after entry entry_r1");
  }

  @Test
  void aBalanceThatDoesNotFitIsRefusedAndNeverWrapsAround() {
    var entry = Ledger.book(settlement("acme", "r1", List.of(), Long.MAX_VALUE / 2));
    var books = Books.empty("acme").plus(entry, AT).plus(entry, AT);

    assertThatThrownBy(() -> books.plus(entry, AT)).isInstanceOf(ArithmeticException.class);
  }
}
