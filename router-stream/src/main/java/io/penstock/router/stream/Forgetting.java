package io.penstock.router.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.function.Consumer;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Deletes what has been remembered long enough. It goes round the store, a bounded number of
 * entries a sweep, so that no sweep holds up the records that come meanwhile. Owned by one task.
 */
final class Forgetting {

  /** Entries looked at by one sweep. */
  static final int ENTRIES = 500;

  private final KeyValueStore<String, byte[]> requests;
  private final long memoryMillis;
  private final Consumer<byte[]> unclaimed;

  /** First entry of the next sweep; absent at the beginning of a round. */
  private @Nullable String next;

  /**
   * Starts at the beginning.
   *
   * @param unclaimed gets entries of outcomes whose request never came, before they are deleted
   */
  Forgetting(KeyValueStore<String, byte[]> requests, Duration memory, Consumer<byte[]> unclaimed) {
    this.requests = requests;
    this.memoryMillis = memory.toMillis();
    this.unclaimed = unclaimed;
  }

  void sweep(long nowMillis) {
    var gone = new ArrayList<String>();
    var lost = new ArrayList<byte[]>();
    try (var entries = next == null ? requests.all() : requests.range(next, null)) {
      next = null;
      for (int seen = 0; entries.hasNext(); seen++) {
        if (seen == ENTRIES) {
          next = entries.peekNextKey();
          break;
        }
        var entry = entries.next();
        var kind = StateCodec.kind(entry.value);
        if (kind == StateCodec.Kind.OPEN
            || StateCodec.time(entry.value) + memoryMillis > nowMillis) {
          continue;
        }
        gone.add(entry.key);
        if (kind == StateCodec.Kind.EARLY) {
          lost.add(entry.value);
        }
      }
    }
    gone.forEach(requests::delete);
    lost.forEach(unclaimed);
  }
}
