package io.penstock.billing.stream;

import java.time.Instant;
import java.util.ArrayList;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Forgets what has expired, by walking round a store: twice as fast as it grows, so that it comes
 * round within half a retention and the store stays under one and a half times what the retention
 * needs. Used by one thread.
 */
final class StorePurge<V> {

  /** Whether something need not be kept any longer. */
  interface Expiry<V> {
    boolean expired(Bytes key, V value, Instant now);
  }

  private static final int STEP_LEAST = 100;
  private static final int STEP_MOST = 20_000;

  private final KeyValueStore<Bytes, V> store;
  private final Expiry<V> expiry;
  private long grown;
  private @Nullable Bytes next;

  StorePurge(KeyValueStore<Bytes, V> store, Expiry<V> expiry) {
    this.store = store;
    this.expiry = expiry;
  }

  /** A key was added. */
  void grown() {
    grown++;
  }

  /** Walks one step on. */
  void step(Instant now) {
    var left = Math.clamp(2 * grown, STEP_LEAST, STEP_MOST);
    grown = 0;
    var expired = new ArrayList<Bytes>();
    try (var rows = store.range(next, null)) {
      next = null;
      while (rows.hasNext()) {
        var row = rows.next();
        if (left-- == 0) {
          next = row.key;
          break;
        }
        if (expiry.expired(row.key, row.value, now)) {
          expired.add(row.key);
        }
      }
    }
    expired.forEach(store::delete);
  }
}
