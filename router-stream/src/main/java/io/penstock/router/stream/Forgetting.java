package io.penstock.router.stream;

import java.time.Duration;
import java.util.function.Consumer;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Deletes what has been remembered long enough, a bounded number of entries a sweep. Owned by one
 * task.
 */
final class Forgetting {

  /** Entries looked at by one sweep. */
  static final int ENTRIES = 500;

  private final Round round;
  private final long memoryMillis;
  private final Consumer<byte[]> unclaimed;

  /**
   * Starts at the beginning.
   *
   * @param unclaimed gets entries of outcomes whose request never came, as they are deleted
   */
  Forgetting(KeyValueStore<String, byte[]> requests, Duration memory, Consumer<byte[]> unclaimed) {
    this.round = new Round(requests, ENTRIES);
    this.memoryMillis = memory.toMillis();
    this.unclaimed = unclaimed;
  }

  void sweep(long nowMillis) {
    for (var value : round.sweep((_, value) -> forgotten(value, nowMillis))) {
      if (StateCodec.kind(value) == StateCodec.Kind.EARLY) {
        unclaimed.accept(value);
      }
    }
  }

  private boolean forgotten(byte[] value, long nowMillis) {
    return StateCodec.kind(value) != StateCodec.Kind.OPEN
        && StateCodec.time(value) + memoryMillis <= nowMillis;
  }
}
