package io.penstock.worker.engine;

import io.penstock.schemas.avro.Lane;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait: in line, set aside until a time, or parked until their model answers again.
 * Not thread-safe.
 */
final class Backlog {

  private record Delayed(Waiting waiting, long until) {}

  private final Deque<Waiting> interactive = new ArrayDeque<>();
  private final Deque<Waiting> batch = new ArrayDeque<>();
  private final PriorityQueue<Delayed> delayed =
      new PriorityQueue<>(Comparator.comparingLong(Delayed::until));
  private final Map<String, Deque<Waiting>> parked = new HashMap<>();

  void add(Lane lane, Waiting waiting) {
    line(lane).add(waiting);
  }

  /** Sets a call aside; it comes back to the front of its line. */
  void delay(Waiting waiting, long untilNanos) {
    delayed.add(new Delayed(waiting, untilNanos));
  }

  /** Sets a call aside until its model answers again. */
  void park(Waiting waiting) {
    parked.computeIfAbsent(waiting.upstreamModel(), _ -> new ArrayDeque<>()).add(waiting);
  }

  /** Brings back what was set aside until now. */
  void bringBackDelayed(long nowNanos) {
    var due = new ArrayList<Waiting>();
    for (var next = delayed.peek();
        next != null && next.until() - nowNanos <= 0;
        next = delayed.peek()) {
      delayed.remove();
      due.add(next.waiting());
    }
    due.reversed().forEach(waiting -> line(waiting.lane()).addFirst(waiting));
  }

  /** When the first of them comes back; null when none is set aside. */
  @Nullable Long nextDelayed() {
    var next = delayed.peek();
    return next == null ? null : next.until();
  }

  /** The models that calls are parked for. */
  Set<String> parkedModels() {
    return Set.copyOf(parked.keySet());
  }

  /** Brings back all that is parked for a model, or one where its line has none. */
  void bringBackParked(String model, boolean all) {
    var calls = parked.get(model);
    if (calls == null) {
      return;
    }
    if (all) {
      parked.remove(model);
      calls.reversed().forEach(waiting -> line(waiting.lane()).addFirst(waiting));
      return;
    }
    var first = calls.getFirst();
    var head = line(first.lane()).peek();
    if (head == null || !head.upstreamModel().equals(model)) {
      calls.removeFirst();
      line(first.lane()).addFirst(first);
      if (calls.isEmpty()) {
        parked.remove(model);
      }
    }
  }

  /** The next call of the most urgent lane; null when no call is in line. */
  @Nullable Waiting next() {
    var waiting = interactive.peek();
    return waiting == null ? batch.peek() : waiting;
  }

  /** Takes the next call out of its line. */
  void removeNext() {
    if (interactive.poll() == null) {
      batch.poll();
    }
  }

  /** Takes calls out, wherever they wait, in the order of their records. */
  List<Waiting> remove(Predicate<Waiting> which) {
    var removed = new ArrayList<Waiting>();
    remove(interactive.iterator(), which, removed);
    remove(batch.iterator(), which, removed);
    for (var each = delayed.iterator(); each.hasNext(); ) {
      var waiting = each.next().waiting();
      if (which.test(waiting)) {
        each.remove();
        removed.add(waiting);
      }
    }
    for (var calls = parked.values().iterator(); calls.hasNext(); ) {
      var each = calls.next();
      remove(each.iterator(), which, removed);
      if (each.isEmpty()) {
        calls.remove();
      }
    }
    ToLongFunction<Waiting> offset = waiting -> waiting.call().offset();
    removed.sort(Comparator.comparingLong(offset));
    return removed;
  }

  private static void remove(
      Iterator<Waiting> from, Predicate<Waiting> which, List<Waiting> removed) {
    while (from.hasNext()) {
      var waiting = from.next();
      if (which.test(waiting)) {
        from.remove();
        removed.add(waiting);
      }
    }
  }

  int size() {
    return interactive.size()
        + batch.size()
        + delayed.size()
        + parked.values().stream().mapToInt(Deque::size).sum();
  }

  private Deque<Waiting> line(Lane lane) {
    return lane == Lane.INTERACTIVE ? interactive : batch;
  }
}
