package io.penstock.platform.delay;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Records in the order of their due times. It never reads again what has fired: in a log-structured
 * store every deleted entry before the first living one would be walked over on each scan. Owned by
 * the task of its store.
 */
public final class DelayStore {

  /** Records fired by one call at most, so that no other work waits longer than for these. */
  public static final int FIRED_MAX = 500;

  private static final int READ_AHEAD = 50;

  private final KeyValueStore<Bytes, byte[]> store;

  /** All that is due before this time has fired. */
  private long firedBefore;

  /** No record is due before this time. */
  private long nextDue;

  /** Takes over what is in the store, however old it is. */
  public DelayStore(KeyValueStore<Bytes, byte[]> store) {
    this.store = store;
  }

  /**
   * Adds a record. One that is due already fires with the next call of {@link #fire}.
   *
   * @param dueMillis milliseconds since 1970
   */
  public void add(long dueMillis, String id, byte[] value) {
    var due = Math.max(dueMillis, firedBefore);
    store.put(new DelayKey(due, id).bytes(), value);
    nextDue = Math.min(nextDue, due);
  }

  /**
   * Takes out what is due, earliest first, at most {@link #FIRED_MAX}; the rest fires with the next
   * call.
   *
   * @param nowMillis milliseconds since 1970
   * @param action gets id and value of each; it may add records
   */
  public void fire(long nowMillis, BiConsumer<String, byte[]> action) {
    var fired = 0;
    while (nextDue <= nowMillis && fired < FIRED_MAX) {
      var due = due(nowMillis);
      for (var entry : due) {
        store.delete(entry.key);
        action.accept(DelayKey.of(entry.key).id(), entry.value);
      }
      fired += due.size();
    }
  }

  /**
   * Reads a few due records and moves both marks; the iterator is closed before anything is
   * changed.
   */
  private List<KeyValue<Bytes, byte[]>> due(long nowMillis) {
    var due = new ArrayList<KeyValue<Bytes, byte[]>>(READ_AHEAD);
    try (var entries = store.range(DelayKey.least(firedBefore), null)) {
      while (entries.hasNext()) {
        var dueMillis = DelayKey.dueMillis(entries.peekNextKey());
        if (dueMillis > nowMillis || due.size() == READ_AHEAD) {
          nextDue = dueMillis;
          firedBefore = Math.max(firedBefore, Math.min(dueMillis, nowMillis + 1));
          return due;
        }
        due.add(entries.next());
      }
    }
    nextDue = Long.MAX_VALUE;
    firedBefore = Math.max(firedBefore, nowMillis + 1);
    return due;
  }
}
