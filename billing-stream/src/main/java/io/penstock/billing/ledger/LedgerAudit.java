package io.penstock.billing.ledger;

import io.penstock.schemas.avro.BalanceChanged;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.Side;
import io.penstock.schemas.avro.UsageRecorded;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Books everything a second time and compares: first give it the balances that are published, then
 * all usage, then the ledger from its beginning. Not thread-safe; one for each check. Its memory
 * grows with the number of usage records, about 200 bytes each.
 */
public final class LedgerAudit {

  private static final int DIFFERENCES_MAX = 20;

  /** Whether a record was there when the check began, so that what follows from it has to exist. */
  public enum Age {
    SETTLED,
    RECENT
  }

  /**
   * What was found.
   *
   * @param usageRecords read, repetitions included
   * @param usageRepeated records that came again
   * @param entries read
   * @param unchained entries from before there was a hash chain
   * @param accounts rebuilt
   * @param balancesCompared published balances that were compared
   * @param debits by currency, nano-units
   * @param credits by currency, nano-units
   * @param differences the first of them, in the order of the ledger; none means that all is right
   */
  public record Findings(
      long usageRecords,
      long usageRepeated,
      long entries,
      long unchained,
      long accounts,
      long balancesCompared,
      Map<String, Long> debits,
      Map<String, Long> credits,
      List<String> differences) {}

  private record Account(String organization, String account) {}

  private record Usage(String organization, String usageId) {}

  private record Expected(String postings, Age age) {}

  private record Published(String source, BalanceChanged balance) {}

  private final boolean usageIsComplete;
  private final Map<Account, List<Published>> published = new HashMap<>();
  private final Map<Account, Long> due = new HashMap<>();
  private final Map<Usage, Expected> expected = new HashMap<>();
  private final Set<Usage> quarantined = new HashSet<>();
  private final Map<Usage, Boolean> booked = new HashMap<>();
  private final Map<String, Books> books = new TreeMap<>();
  private final Map<Integer, ChainHead> chains = new HashMap<>();
  private final Map<String, Long> debits = new TreeMap<>();
  private final Map<String, Long> credits = new TreeMap<>();
  private final List<String> differences = new ArrayList<>();
  private long usageRecords;
  private long usageRepeated;
  private long entries;
  private long unchained;
  private long balancesCompared;

  /**
   * @param usageIsComplete false when the oldest usage is no longer on its topic, so that entries
   *     without usage are no difference
   */
  public LedgerAudit(boolean usageIsComplete) {
    this.usageIsComplete = usageIsComplete;
  }

  /** A balance that somebody shows; the last one of an account and source counts. */
  public void published(String source, BalanceChanged balance) {
    var all =
        published.computeIfAbsent(
            new Account(balance.getOrganization(), balance.getAccount()), _ -> new ArrayList<>(2));
    all.removeIf(other -> other.source().equals(source));
    all.add(new Published(source, balance));
  }

  /** A record of {@code usage} that was laid aside instead of booked; to be given before it. */
  public void quarantined(String organization, String usageId) {
    quarantined.add(new Usage(organization, usageId));
  }

  /** A record of {@code usage}. */
  public void usage(UsageRecorded usage, Age age) {
    usageRecords++;
    var id = new Usage(usage.getOrganization(), usage.getUsageId());
    if (booked.putIfAbsent(id, Boolean.FALSE) != null) {
      usageRepeated++;
      return;
    }
    try {
      var entry = Ledger.book(usage);
      if (!entry.isEmpty() && !quarantined.contains(id)) {
        expected.put(id, new Expected(CanonicalEntry.hash(entry.postings()), age));
      }
    } catch (LedgerViolation | ArithmeticException e) {
      differ("usage " + usage.getUsageId() + " cannot be booked: " + e.getMessage());
    }
  }

  /** The next entry of a partition of {@code ledger}. */
  public void entry(int partition, LedgerEntryPosted entry, Age age) {
    entries++;
    chain(partition, entry);
    rebuild(entry, age);
  }

  private void chain(int partition, LedgerEntryPosted entry) {
    var head = chains.getOrDefault(partition, ChainHead.GENESIS);
    if (entry.getHash() == null && head.position() == 0) {
      unchained++;
      return;
    }
    var name = "entry " + entry.getEntryId() + " of partition " + partition;
    if (entry.getChainPosition() != head.position() + 1) {
      differ(
          name
              + ": it says position "
              + entry.getChainPosition()
              + " of the chain, but comes after position "
              + head.position());
    }
    if (!head.hash().equals(entry.getPreviousHash())) {
      differ(name + ": it is not chained to the entry before it");
    }
    var hash = CanonicalEntry.hash(entry);
    if (!hash.equals(entry.getHash())) {
      differ(name + ": its hash is not that of its content");
    }
    chains.put(partition, new ChainHead(entry.getChainPosition(), hash, head.clock()));
  }

  private void rebuild(LedgerEntryPosted posted, Age age) {
    var name = "entry " + posted.getEntryId() + " of " + posted.getOrganization();
    try {
      var entry = entry(posted);
      var before =
          books.getOrDefault(posted.getOrganization(), Books.empty(posted.getOrganization()));
      var after = before.plus(entry, posted.getBookedAt());
      if (after.sequence() != posted.getSequence()) {
        differ(
            name + ": it says sequence " + posted.getSequence() + ", expected " + after.sequence());
        after = new Books(after.organization(), posted.getSequence(), after.accounts());
      }
      books.put(posted.getOrganization(), after);
      debits.merge(posted.getCurrency(), entry.total(Side.DEBIT), Math::addExact);
      credits.merge(posted.getCurrency(), entry.total(Side.CREDIT), Math::addExact);
      compareWithUsage(name, entry);
      compareWithPublished(after, entry, age);
    } catch (LedgerViolation | ArithmeticException e) {
      differ(name + ": " + e.getMessage());
    }
  }

  private static LedgerEntry entry(LedgerEntryPosted posted) {
    return new LedgerEntry(
        posted.getEntryId(),
        posted.getOrganization(),
        posted.getRequestId() == null ? "" : posted.getRequestId(),
        posted.getUsageId() == null ? "" : posted.getUsageId(),
        posted.getPostings().stream()
            .map(
                posting ->
                    new LedgerPosting(
                        posting.getAccount(), posting.getSide(), posting.getAmountNanoUsd()))
            .toList(),
        posted.getOccurredAt());
  }

  private void compareWithUsage(String name, LedgerEntry entry) {
    var id = new Usage(entry.organization(), entry.usageId());
    if (Boolean.TRUE.equals(booked.put(id, Boolean.TRUE))) {
      differ(name + ": its usage is booked twice");
      return;
    }
    var fromUsage = expected.remove(id);
    if (fromUsage == null) {
      if (usageIsComplete) {
        differ(name + ": there is no such usage");
      }
      return;
    }
    if (!fromUsage.postings().equals(CanonicalEntry.hash(entry.postings()))) {
      differ(name + ": it does not book what its usage says");
    }
  }

  private void compareWithPublished(Books after, LedgerEntry entry, Age age) {
    entry.postings().stream()
        .map(LedgerPosting::account)
        .filter(account -> !Accounts.isClearing(account))
        .distinct()
        .forEach(
            account -> {
              var key = new Account(after.organization(), account);
              if (age == Age.SETTLED) {
                due.put(key, after.sequence());
              }
              var balance = after.accounts().get(account);
              if (balance != null) {
                compare(key, balance);
              }
            });
  }

  private void compare(Account account, Balance rebuilt) {
    for (var shown : published.getOrDefault(account, List.of())) {
      if (shown.balance().getSequence() == rebuilt.sequence()) {
        balancesCompared++;
        if (shown.balance().getDebitsNanoUsd() != rebuilt.debitsNanoUsd()
            || shown.balance().getCreditsNanoUsd() != rebuilt.creditsNanoUsd()) {
          differ(
              name(shown, account)
                  + " says debits "
                  + shown.balance().getDebitsNanoUsd()
                  + " and credits "
                  + shown.balance().getCreditsNanoUsd()
                  + ", the ledger adds up to "
                  + rebuilt.debitsNanoUsd()
                  + " and "
                  + rebuilt.creditsNanoUsd());
        }
      }
    }
  }

  /** Compares what is left, and tells everything. */
  public Findings findings() {
    expected.forEach(
        (usage, entry) -> {
          if (entry.age() == Age.SETTLED) {
            differ("usage " + usage.usageId() + " of " + usage.organization() + " is not booked");
          }
        });
    due.forEach(
        (account, sequence) -> {
          if (!published.containsKey(account)) {
            differ(account.organization() + "/" + account.account() + " has no published balance");
          }
        });
    published.forEach(
        (account, all) -> {
          var rebuilt = rebuilt(account);
          for (var shown : all) {
            var sequence = shown.balance().getSequence();
            if (rebuilt == null || sequence > rebuilt.sequence()) {
              differ(
                  name(shown, account)
                      + " is of sequence "
                      + sequence
                      + ", which the ledger does not have");
            } else if (sequence < due.getOrDefault(account, 0L)) {
              differ(
                  name(shown, account)
                      + " is of sequence "
                      + sequence
                      + ", but was booked on at sequence "
                      + due.get(account));
            }
          }
        });
    return new Findings(
        usageRecords,
        usageRepeated,
        entries,
        unchained,
        books.values().stream().mapToLong(each -> each.accounts().size()).sum(),
        balancesCompared,
        new TreeMap<>(debits),
        new TreeMap<>(credits),
        List.copyOf(differences));
  }

  /** The rebuilt books, by organisation. */
  public Map<String, Books> books() {
    return new TreeMap<>(books);
  }

  private @Nullable Balance rebuilt(Account account) {
    var of = books.get(account.organization());
    return of == null ? null : of.accounts().get(account.account());
  }

  private static String name(Published shown, Account account) {
    return shown.source() + ": " + account.organization() + "/" + account.account();
  }

  private void differ(String what) {
    if (differences.size() < DIFFERENCES_MAX) {
      differences.add(what);
    }
  }
}
