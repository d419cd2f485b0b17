package io.penstock.worker.engine;

import io.penstock.schemas.avro.Lane;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait: in line, or set aside until a time. Each lane has a line for each model, so
 * that a model that has to wait holds up no other; between models goes first who came first. Not
 * thread-safe.
 */
final class Backlog {

  private record Delayed(Waiting waiting, long until) {}

  /**
   * A call in line.
   *
   * @param place lower than those of all behind it, whatever their model
   */
  private record Placed(Waiting waiting, long place) {}

  private final Map<String, Deque<Placed>> interactive = new HashMap<>();
  private final Map<String, Deque<Placed>> batch = new HashMap<>();
  private final PriorityQueue<Delayed> delayed =
      new PriorityQueue<>(Comparator.comparingLong(Delayed::until));
  private long first;
  private long last;
  private int inLine;

  void add(Lane lane, Waiting waiting) {
    last++;
    line(lane, waiting).addLast(new Placed(waiting, last));
    inLine++;
  }

  private void addFirst(Waiting waiting) {
    first--;
    line(waiting.lane(), waiting).addFirst(new Placed(waiting, first));
    inLine++;
  }

  private Deque<Placed> line(Lane lane, Waiting waiting) {
    return lines(lane).computeIfAbsent(waiting.upstreamModel(), _ -> new ArrayDeque<>());
  }

  private Map<String, Deque<Placed>> lines(Lane lane) {
    return lane == Lane.INTERACTIVE ? interactive : batch;
  }

  /** Sets a call aside; it comes back to the front of its line. */
  void delay(Waiting waiting, long untilNanos) {
    delayed.add(new Delayed(waiting, untilNanos));
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
    due.reversed().forEach(this::addFirst);
  }

  /** When the first of them comes back; null when none is set aside. */
  @Nullable Long nextDelayed() {
    var next = delayed.peek();
    return next == null ? null : next.until();
  }

  /** The models of all calls, wherever they wait. */
  Set<String> models() {
    var models = new HashSet<>(interactive.keySet());
    models.addAll(batch.keySet());
    delayed.forEach(each -> models.add(each.waiting().upstreamModel()));
    return models;
  }

  /**
   * The next call of the most urgent lane; null when no call is in line.
   *
   * @param held models whose calls are passed over
   */
  @Nullable Waiting next(Set<String> held) {
    var waiting = next(interactive, held);
    return waiting == null ? next(batch, held) : waiting;
  }

  private static @Nullable Waiting next(Map<String, Deque<Placed>> lines, Set<String> held) {
    Placed next = null;
    for (var line : lines.entrySet()) {
      if (!held.contains(line.getKey())) {
        var head = line.getValue().getFirst();
        next = next == null || head.place() < next.place() ? head : next;
      }
    }
    return next == null ? null : next.waiting();
  }

  /** How many calls of these models are in line in a lane. */
  int inLine(Lane lane, Set<String> models) {
    var count = 0;
    for (var model : models) {
      var line = lines(lane).get(model);
      count += line == null ? 0 : line.size();
    }
    return count;
  }

  /** Takes a call that is the next one of its model out of its line. */
  void removeNext(Waiting waiting) {
    var lines = lines(waiting.lane());
    var line = lines.get(waiting.upstreamModel());
    if (line == null || line.getFirst().waiting() != waiting) {
      throw new IllegalStateException("the call is not the next one of its model");
    }
    line.removeFirst();
    inLine--;
    if (line.isEmpty()) {
      lines.remove(waiting.upstreamModel());
    }
  }

  /** Takes calls out, wherever they wait, in the order of their records. */
  List<Waiting> remove(Predicate<Waiting> which) {
    var removed = new ArrayList<Waiting>();
    remove(interactive, which, removed);
    remove(batch, which, removed);
    inLine -= removed.size();
    for (var each = delayed.iterator(); each.hasNext(); ) {
      var waiting = each.next().waiting();
      if (which.test(waiting)) {
        each.remove();
        removed.add(waiting);
      }
    }
    ToLongFunction<Waiting> offset = waiting -> waiting.call().offset();
    removed.sort(Comparator.comparingLong(offset));
    return removed;
  }

  private static void remove(
      Map<String, Deque<Placed>> lines, Predicate<Waiting> which, List<Waiting> removed) {
    for (var each = lines.values().iterator(); each.hasNext(); ) {
      var line = each.next();
      line.removeIf(
          placed -> {
            var goes = which.test(placed.waiting());
            if (goes) {
              removed.add(placed.waiting());
            }
            return goes;
          });
      if (line.isEmpty()) {
        each.remove();
      }
    }
  }

  int size() {
    return inLine + delayed.size();
  }
}
