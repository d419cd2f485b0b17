package io.penstock.billing.ledger;

import static io.penstock.billing.UsageFixtures.AT;
import static io.penstock.billing.UsageFixtures.answered;
import static io.penstock.billing.UsageFixtures.settlement;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.billing.ledger.LedgerAudit.Age;
import io.penstock.billing.ledger.LedgerAudit.Findings;
import io.penstock.schemas.avro.BalanceChanged;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.Side;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LedgerAuditTest {

  private static final BillingPeriods PERIODS = new BillingPeriods(Duration.ofHours(72));

  private final List<UsageRecorded> usage = new ArrayList<>();
  private final List<LedgerEntryPosted> ledger = new ArrayList<>();
  private final List<BalanceChanged> balances = new ArrayList<>();
  private ChainHead head = ChainHead.GENESIS;
  private Books books = Books.empty("acme");

  LedgerAuditTest() {
    book(settlement("acme", "r1", List.of(answered(1, "openai", 40)), 99));
    book(settlement("acme", "r2", List.of(), 1));
    books
        .accounts()
        .forEach(
            (account, balance) ->
                balances.add(
                    new BalanceChanged(
                        "acme",
                        account,
                        "USD",
                        balance.debitsNanoUsd(),
                        balance.creditsNanoUsd(),
                        balance.sequence(),
                        AT)));
  }

  private void book(UsageRecorded record) {
    usage.add(record);
    var entry = Ledger.book(record);
    books = books.plus(entry, AT);
    var appended = Journal.append(entry, record, head.at(AT), PERIODS, books.sequence(), AT);
    head = appended.head();
    ledger.add(appended.entry());
  }

  private Findings audit() {
    var audit = new LedgerAudit(true);
    usage.forEach(record -> audit.usage(record, Age.SETTLED));
    balances.forEach(balance -> audit.published("topic balances", balance));
    ledger.forEach(entry -> audit.entry(0, entry, Age.SETTLED));
    return audit.findings();
  }

  private void rehash(LedgerEntryPosted entry) {
    entry.setHash(CanonicalEntry.hash(entry));
  }

  @Test
  void rightBooksHaveNoDifference() {
    assertThat(audit())
        .isEqualTo(
            new Findings(2, 0, 2, 0, 4, 4, Map.of("USD", 280L), Map.of("USD", 280L), List.of()));
  }

  @Test
  void repeatedUsageIsNoDifference() {
    usage.add(usage.getFirst());

    assertThat(audit().differences()).isEmpty();
    assertThat(audit().usageRepeated()).isEqualTo(1);
  }

  @Test
  void anAmountThatWasChangedAfterwardsIsFoundByItsHash() {
    for (var posting : ledger.getFirst().getPostings()) {
      posting.setAmountNanoUsd(posting.getAmountNanoUsd() + 1);
    }

    assertThat(audit().differences())
        .startsWith(
            "entry entry_r1 of partition 0: its hash is not that of its content",
            "entry entry_r1 of acme: it does not book what its usage says");
  }

  @Test
  void anEntryThatWasForgedWithItsHashIsFoundByTheNextOne() {
    var forged = ledger.getFirst();
    forged.setOccurredAt(AT.plusSeconds(1));
    rehash(forged);

    assertThat(audit().differences())
        .containsExactly("entry entry_r2 of partition 0: it is not chained to the entry before it");
  }

  @Test
  void anEntryThatIsMissingIsFoundByChainSequenceAndUsage() {
    ledger.removeFirst();

    assertThat(audit().differences())
        .startsWith(
            "entry entry_r2 of partition 0: it says position 2 of the chain, but comes after position 0",
            "entry entry_r2 of partition 0: it is not chained to the entry before it",
            "entry entry_r2 of acme: it says sequence 2, expected 1")
        .contains("usage r1 of acme is not booked");
  }

  @Test
  void anEntryThatDoesNotBalanceIsFound() {
    var posting = ledger.getLast().getPostings().getFirst();
    posting.setAmountNanoUsd(posting.getAmountNanoUsd() + 1);
    rehash(ledger.getLast());

    assertThat(audit().differences().getFirst())
        .isEqualTo("entry entry_r2 of acme: entry entry_r2: debits exceed credits by 1 nano-USD");
  }

  @Test
  void aClearingAccountThatKeepsSomethingIsFound() {
    var postings = ledger.getLast().getPostings();
    postings.get(1).setAccount("clearing/other");
    rehash(ledger.getLast());

    assertThat(audit().differences().getFirst()).contains("clearing/", "keeps");
  }

  @Test
  void anEntryWithoutUsageIsFound() {
    usage.removeLast();

    assertThat(audit().differences())
        .containsExactly("entry entry_r2 of acme: there is no such usage");
  }

  @Test
  void aPublishedBalanceThatIsWrongByANanoIsFound() {
    var wrong = balances.stream().filter(each -> each.getAccount().equals("revenue")).findFirst();
    wrong.orElseThrow().setCreditsNanoUsd(101);

    assertThat(audit().differences())
        .containsExactly(
            "topic balances: acme/revenue says debits 0 and credits 101, the ledger adds up to 0 and 100");
  }

  @Test
  void aBalanceThatWasNeverPublishedOrIsOutdatedIsFound() {
    balances.removeIf(each -> each.getAccount().equals("revenue"));
    balances.stream()
        .filter(each -> each.getAccount().equals("receivable"))
        .forEach(
            each -> {
              each.setSequence(1);
              each.setDebitsNanoUsd(99);
            });

    assertThat(audit().differences())
        .containsExactlyInAnyOrder(
            "acme/revenue has no published balance",
            "topic balances: acme/receivable is of sequence 1, but was booked on at sequence 2");
  }

  @Test
  void entriesOlderThanTheChainAreCountedAndNoDifference() {
    var audit = new LedgerAudit(false);
    var old = LedgerEntryPosted.newBuilder(ledger.getFirst()).build();
    old.setHash(null);
    old.setPreviousHash(null);
    old.setChainPosition(0);

    audit.entry(0, old, Age.RECENT);

    assertThat(audit.findings().unchained()).isEqualTo(1);
    assertThat(audit.findings().differences()).isEmpty();
  }

  @Test
  void theCanonicalBytesAreThoseOfTheDocumentation() {
    var entry = LedgerEntryPosted.newBuilder(ledger.getFirst()).build();
    entry.setPostings(entry.getPostings().subList(0, 1));

    assertThat(entry.getPostings().getFirst().getSide()).isEqualTo(Side.DEBIT);
    assertThat(CanonicalEntry.bytes(entry))
        .asHexString()
        .isEqualToIgnoringCase(
            "0000001170656e73746f636b2d6c65646765722d31" // penstock-ledger-1
                + "00000040"
                + "30".repeat(64) // previous hash
                + "0000000000000001" // position
                + "00000008656e7472795f7231" // entry_r1
                + "0000000461636d65" // acme
                + "0000000000000001" // sequence
                + "00000003555344" // USD
                + "000000027231" // request
                + "000000027231" // usage
                + "000000055553414745" // USAGE
                + "00000007323032362d3033" // 2026-03
                + "ffffffff" // corrects nothing
                + "ffffffff" // and no period
                + "0000019ceecae3ff" // occurred at
                + "0000019ceecae3ff" // booked at
                + "00000001" // one posting
                + "0000000a72656365697661626c65" // receivable
                + "44" // D
                + "0000000000000063"); // 99
  }
}
