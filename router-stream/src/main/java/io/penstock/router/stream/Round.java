package io.penstock.router.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Goes round a store and deletes what is over, a bounded number of entries a sweep, so that no
 * sweep holds up the records that come meanwhile. Owned by the task of the store.
 */
final class Round {

  private final KeyValueStore<String, byte[]> store;
  private final int entriesMax;
  private final long bytesMax;

  /** First entry of the next sweep; absent at the beginning of a round. */
  private @Nullable String next;

  /**
   * Starts at the beginning.
   *
   * @param entriesMax entries looked at by one sweep
   */
  Round(KeyValueStore<String, byte[]> store, int entriesMax) {
    this(store, entriesMax, Long.MAX_VALUE);
  }

  /**
   * Starts at the beginning of a store whose values may be large.
   *
   * @param entriesMax entries looked at by one sweep
   * @param bytesMax bytes read by one sweep, or one entry more
   */
  Round(KeyValueStore<String, byte[]> store, int entriesMax, long bytesMax) {
    this.store = store;
    this.entriesMax = entriesMax;
    this.bytesMax = bytesMax;
  }

  /**
   * Looks at the next entries.
   *
   * @param over which are to go
   * @return the values that went
   */
  List<byte[]> sweep(BiPredicate<String, byte[]> over) {
    var gone = new ArrayList<KeyValue<String, byte[]>>();
    try (var entries = next == null ? store.all() : store.range(next, null)) {
      next = null;
      var bytes = 0L;
      for (int seen = 0; entries.hasNext(); seen++) {
        if (seen == entriesMax || bytes >= bytesMax) {
          next = entries.peekNextKey();
          break;
        }
        var entry = entries.next();
        bytes += entry.value.length;
        if (over.test(entry.key, entry.value)) {
          gone.add(entry);
        }
      }
    }
    gone.forEach(entry -> store.delete(entry.key));
    return gone.stream().map(entry -> entry.value).toList();
  }
}
