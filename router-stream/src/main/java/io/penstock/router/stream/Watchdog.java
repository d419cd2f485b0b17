package io.penstock.router.stream;

import java.util.Comparator;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Open requests in the order of their deadlines; rebuilt from the store at start. Owned by one
 * task.
 */
final class Watchdog {

  private record Watched(long deadlineMillis, String id) {}

  private final TreeSet<Watched> watched =
      new TreeSet<>(Comparator.comparingLong(Watched::deadlineMillis).thenComparing(Watched::id));

  void watch(String id, long deadlineMillis) {
    watched.add(new Watched(deadlineMillis, id));
  }

  void release(String id, long deadlineMillis) {
    watched.remove(new Watched(deadlineMillis, id));
  }

  /** Hands over, once, those whose deadline is not after a time. */
  void passed(long deadlineMillis, int most, Consumer<String> action) {
    for (int i = 0; i < most && !watched.isEmpty(); i++) {
      var first = watched.first();
      if (first.deadlineMillis > deadlineMillis) {
        return;
      }
      watched.remove(first);
      action.accept(first.id);
    }
  }

  int size() {
    return watched.size();
  }
}
