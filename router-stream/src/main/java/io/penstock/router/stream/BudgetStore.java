package io.penstock.router.stream;

import io.penstock.platform.money.Money;
import io.penstock.router.budget.Balance;
import io.penstock.router.budget.Balances;
import io.penstock.router.budget.Hold;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Balances of budgets, one entry for each budget and window: version, posted, held, end of the
 * window. Owned by the task of its store.
 */
final class BudgetStore implements Balances {

  private static final byte VERSION = 1;
  private static final int POSTED = 1;
  private static final int HELD = POSTED + Long.BYTES;
  private static final int ENDS = HELD + Long.BYTES;
  private static final int SIZE = ENDS + Long.BYTES;

  private final KeyValueStore<String, byte[]> store;

  BudgetStore(KeyValueStore<String, byte[]> store) {
    this.store = store;
  }

  @Override
  public Balance of(String account) {
    return balance(store.get(account));
  }

  /** Reserves an amount on every account of a hold. */
  void place(Hold hold) {
    for (var account : hold.accounts()) {
      var ends = account.endsAt();
      put(
          account.name(),
          of(account.name()).hold(hold.amount()),
          ends == null ? Long.MAX_VALUE : ends.toEpochMilli());
    }
  }

  /** Releases what was held, and posts what was spent. */
  void settle(List<String> accounts, Money held, Money spent) {
    for (var account : accounts) {
      var entry = store.get(account);
      put(account, balance(entry).settle(held, spent), endsAt(entry));
    }
  }

  /** Forgets windows that ended before a time and hold nothing. */
  void forget(Instant endedBefore) {
    var gone = new ArrayList<String>();
    try (var entries = store.all()) {
      while (entries.hasNext()) {
        var entry = entries.next();
        if (endsAt(entry.value) < endedBefore.toEpochMilli()
            && balance(entry.value).held().nanoUsd() == 0) {
          gone.add(entry.key);
        }
      }
    }
    gone.forEach(store::delete);
  }

  private void put(String account, Balance balance, long endsAt) {
    store.put(
        account,
        ByteBuffer.allocate(SIZE)
            .put(VERSION)
            .putLong(balance.posted().nanoUsd())
            .putLong(balance.held().nanoUsd())
            .putLong(endsAt)
            .array());
  }

  private static Balance balance(byte @Nullable [] entry) {
    if (entry == null) {
      return Balance.ZERO;
    }
    var buffer = ByteBuffer.wrap(entry);
    return new Balance(new Money(buffer.getLong(POSTED)), new Money(buffer.getLong(HELD)));
  }

  private static long endsAt(byte @Nullable [] entry) {
    return entry == null ? Long.MAX_VALUE : ByteBuffer.wrap(entry).getLong(ENDS);
  }
}
