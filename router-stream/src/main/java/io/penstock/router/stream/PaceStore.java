package io.penstock.router.stream;

import io.penstock.router.pace.Bucket;
import io.penstock.router.pace.Count;
import io.penstock.router.pace.Count.Waiter;
import io.penstock.router.pace.Levels;
import io.penstock.router.pace.Measure;
import io.penstock.router.pace.Pace.Turn;
import io.penstock.router.pace.Taking;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What is taken of limits on pace, one entry for each account: version, then the bucket (used,
 * limit, time) or the count (taken, and who waits longest for room). Owned by the task of its
 * store.
 */
final class PaceStore implements Levels {

  /** Entries looked at by one sweep. */
  static final int SWEPT = 2_000;

  private static final byte VERSION = 1;
  private static final int BUCKET_BYTES = 1 + 3 * Long.BYTES;
  private static final int COUNT_BYTES = 1 + Long.BYTES;
  private static final int WAITER_BYTES = 2 * Long.BYTES;

  private final KeyValueStore<String, byte[]> store;
  private final Round round;

  PaceStore(KeyValueStore<String, byte[]> store) {
    this.store = store;
    this.round = new Round(store, SWEPT);
  }

  @Override
  public @Nullable Bucket bucket(String account) {
    var entry = store.get(account);
    return entry == null ? null : bucket(entry);
  }

  @Override
  public Count count(String account) {
    var entry = store.get(account);
    return entry == null ? Count.ZERO : count(entry);
  }

  /** Takes all that a request takes. */
  void take(Taking taking, String requestId, long nowMillis) {
    for (var take : taking.takes()) {
      if (!take.measure().paced()) {
        put(take.account(), count(take.account()).take(take.amount()).without(requestId));
        continue;
      }
      var known = bucket(take.account());
      var bucket =
          known == null ? Bucket.full(take.limit(), nowMillis) : known.at(take.limit(), nowMillis);
      put(take.account(), bucket.take(take.amount()));
    }
  }

  /** Gives back what ended with a request. */
  void giveBack(List<String> accounts, long tokens, long queued, long nowMillis) {
    for (var account : accounts) {
      switch (Measure.of(account)) {
        case REQUESTS -> {} // nothing but time gives it back
        case TOKENS -> giveBack(account, tokens, nowMillis);
        case OPEN -> put(account, count(account).give(1));
        case QUEUED -> put(account, count(account).give(queued));
      }
    }
  }

  /** One that is not there any more was full. */
  private void giveBack(String account, long tokens, long nowMillis) {
    var known = bucket(account);
    if (known == null || tokens == 0) {
      return;
    }
    var bucket = known.at(known.limit(), nowMillis);
    put(account, tokens > 0 ? bucket.give(tokens) : bucket.take(-tokens));
  }

  /** Remembers who is first in line. */
  void stand(Turn.Later turn) {
    for (var account : turn.first()) {
      put(account, count(account).waiting(turn.waiter()));
    }
  }

  /** Forgets buckets that are full and counts of nothing; a bounded number of entries a sweep. */
  void forget(long nowMillis) {
    round.sweep((account, entry) -> idle(account, entry, nowMillis));
  }

  private static boolean idle(String account, byte[] entry, long nowMillis) {
    if (!Measure.of(account).paced()) {
      return count(entry).idle(nowMillis);
    }
    var bucket = bucket(entry);
    return bucket.at(bucket.limit(), nowMillis).used() == 0;
  }

  private void put(String account, Bucket bucket) {
    store.put(
        account,
        ByteBuffer.allocate(BUCKET_BYTES)
            .put(VERSION)
            .putLong(bucket.used())
            .putLong(bucket.limit())
            .putLong(bucket.atMillis())
            .array());
  }

  private void put(String account, Count count) {
    var first = count.first();
    if (count.taken() == 0 && first == null) {
      store.delete(account);
      return;
    }
    if (first == null) {
      store.put(
          account, ByteBuffer.allocate(COUNT_BYTES).put(VERSION).putLong(count.taken()).array());
      return;
    }
    var id = first.requestId().getBytes(StandardCharsets.UTF_8);
    store.put(
        account,
        ByteBuffer.allocate(COUNT_BYTES + WAITER_BYTES + id.length)
            .put(VERSION)
            .putLong(count.taken())
            .putLong(first.sinceMillis())
            .putLong(first.seenMillis())
            .put(id)
            .array());
  }

  private static Bucket bucket(byte[] entry) {
    var bytes = ByteBuffer.wrap(entry, 1, entry.length - 1);
    return new Bucket(bytes.getLong(), bytes.getLong(), bytes.getLong());
  }

  private static Count count(byte[] entry) {
    var bytes = ByteBuffer.wrap(entry, 1, entry.length - 1);
    var taken = bytes.getLong();
    if (!bytes.hasRemaining()) {
      return new Count(taken, null);
    }
    var since = bytes.getLong();
    var seen = bytes.getLong();
    return new Count(
        taken, new Waiter(since, StandardCharsets.UTF_8.decode(bytes).toString(), seen));
  }
}
