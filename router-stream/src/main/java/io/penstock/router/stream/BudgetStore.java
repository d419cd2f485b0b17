package io.penstock.router.stream;

import io.penstock.router.budget.Account;
import io.penstock.router.budget.AccountNames;
import io.penstock.router.budget.Balance;
import io.penstock.router.budget.Balances;
import io.penstock.router.budget.Hold;
import io.penstock.schemas.avro.BudgetPosting;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Accounts of budgets and credit, one entry each: version, end of the window, what was told, then
 * start, posted and held of each part. Owned by the task of its store.
 */
final class BudgetStore implements Balances {

  private static final byte VERSION = 1;
  private static final int ENDS = 1;
  private static final int HEAD = ENDS + Long.BYTES + Integer.BYTES + Long.BYTES;
  private static final int PART = 3 * Long.BYTES;

  private final KeyValueStore<String, byte[]> store;

  BudgetStore(KeyValueStore<String, byte[]> store) {
    this.store = store;
  }

  @Override
  public Balance of(String name) {
    var entry = store.get(AccountNames.kept(name));
    return entry == null
        ? Balance.ZERO
        : account(entry).balance(AccountNames.part(name), AccountNames.span(name));
  }

  /** Reserves on every account of a hold. */
  void place(Hold hold) {
    for (var held : hold.accounts()) {
      var key = AccountNames.kept(held.name());
      put(key, read(store.get(key)).hold(held));
    }
  }

  /** Remembers that a threshold was told of. */
  void markTold(Hold.Account account) {
    var key = AccountNames.kept(account.name());
    put(
        key,
        read(store.get(key))
            .told(account.told(), AccountNames.part(account.name()), account.endsAt()));
  }

  /**
   * Releases what was held, and posts what was used. A window that is forgotten has ended, so
   * nobody asks what was used of it.
   */
  void settle(List<BudgetPosting> postings) {
    for (var posting : postings) {
      var key = AccountNames.kept(posting.getAccount());
      var entry = store.get(key);
      if (entry != null) {
        put(
            key,
            account(entry).settle(posting.getAccount(), posting.getHeld(), posting.getPosted()));
      }
    }
  }

  /** Forgets windows that ended before a time and hold nothing. */
  void forget(Instant endedBefore) {
    var gone = new ArrayList<String>();
    try (var entries = store.all()) {
      while (entries.hasNext()) {
        var entry = entries.next();
        if (ByteBuffer.wrap(entry.value).getLong(ENDS) < endedBefore.toEpochMilli()
            && account(entry.value).idle()) {
          gone.add(entry.key);
        }
      }
    }
    gone.forEach(store::delete);
  }

  private void put(String key, Account account) {
    var parts = account.parts();
    var bytes =
        ByteBuffer.allocate(HEAD + parts.size() * PART)
            .put(VERSION)
            .putLong(account.endsAt())
            .putInt(account.told())
            .putLong(account.toldIn());
    for (var part : parts) {
      bytes.putLong(part.start()).putLong(part.posted()).putLong(part.held());
    }
    store.put(key, bytes.array());
  }

  private static Account read(byte @Nullable [] entry) {
    return entry == null ? Account.NEW : account(entry);
  }

  private static Account account(byte[] entry) {
    var bytes = ByteBuffer.wrap(entry, 1, entry.length - 1);
    var endsAt = bytes.getLong();
    var told = bytes.getInt();
    var toldIn = bytes.getLong();
    var parts = new ArrayList<Account.Part>(bytes.remaining() / PART);
    while (bytes.hasRemaining()) {
      parts.add(new Account.Part(bytes.getLong(), bytes.getLong(), bytes.getLong()));
    }
    return new Account(endsAt, told, toldIn, parts);
  }
}
