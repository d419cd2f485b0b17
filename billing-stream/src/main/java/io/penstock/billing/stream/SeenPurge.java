package io.penstock.billing.stream;

import io.penstock.schemas.avro.SeenUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Forgets usage ids after their retention, by walking round the store: twice as fast as it grows,
 * so that it comes round within half a retention and the store stays under one and a half times
 * what the retention needs. Used by one thread.
 */
final class SeenPurge {

  private static final int STEP_LEAST = 100;
  private static final int STEP_MOST = 20_000;

  private final KeyValueStore<Bytes, SeenUsage> seen;
  private final Duration retention;
  private long grown;
  private @Nullable Bytes next;

  SeenPurge(KeyValueStore<Bytes, SeenUsage> seen, Duration retention) {
    this.seen = seen;
    this.retention = retention;
  }

  /** An id was added. */
  void grown() {
    grown++;
  }

  /** Walks one step on. */
  void step(Instant now) {
    var left = Math.clamp(2 * grown, STEP_LEAST, STEP_MOST);
    grown = 0;
    var expiry = now.minus(retention);
    var expired = new ArrayList<Bytes>();
    try (var ids = seen.range(next, null)) {
      next = null;
      while (ids.hasNext()) {
        var id = ids.next();
        if (left-- == 0) {
          next = id.key;
          break;
        }
        if (id.value.getSeenAt().isBefore(expiry)) {
          expired.add(id.key);
        }
      }
    }
    expired.forEach(seen::delete);
  }
}
