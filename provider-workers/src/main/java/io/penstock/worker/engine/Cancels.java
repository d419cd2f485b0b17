package io.penstock.worker.engine;

import io.penstock.worker.http.Cancellation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Ends calls that nobody wants any more: those that run, those that wait, and for a minute those
 * that have yet to come, because a cancel travels faster than the call that it is about.
 * Thread-safe.
 */
final class Cancels {

  private static final Duration REMEMBERED = Duration.ofMinutes(1);
  // far above what a minute brings; forgetting a cancel costs a call that nobody wants
  private static final int REMEMBERED_MAX = 100_000;

  private final Map<String, Long> remembered = new ConcurrentHashMap<>();
  private final Map<String, Set<Cancellation>> running = new ConcurrentHashMap<>();
  private final List<Consumer<String>> queues = new CopyOnWriteArrayList<>();
  private final LongSupplier nanos;

  Cancels(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** A call begins; it is over when this is closed. */
  final class Ticket implements AutoCloseable {
    private final String requestId;
    private final Cancellation cancellation = new Cancellation();

    private Ticket(String requestId) {
      this.requestId = requestId;
    }

    Cancellation cancellation() {
      return cancellation;
    }

    @Override
    public void close() {
      running.computeIfPresent(
          requestId,
          (_, calls) -> {
            calls.remove(cancellation);
            return calls.isEmpty() ? null : calls;
          });
    }
  }

  /** A call begins: it may turn out to be cancelled already. */
  Ticket begin(String requestId) {
    var ticket = new Ticket(requestId);
    running.compute(
        requestId,
        (_, calls) -> {
          var all = calls == null ? ConcurrentHashMap.<Cancellation>newKeySet() : calls;
          all.add(ticket.cancellation);
          return all;
        });
    // after it is known as running, so that no cancel falls in between
    if (cancelled(requestId)) {
      ticket.cancellation.cancel();
    }
    return ticket;
  }

  /** Nobody wants this request any more. */
  void cancel(String requestId) {
    if (remembered.size() < REMEMBERED_MAX) {
      remembered.put(requestId, nanos.getAsLong());
    }
    queues.forEach(queue -> queue.accept(requestId));
    running.getOrDefault(requestId, Set.of()).forEach(Cancellation::cancel);
  }

  /** Whether this request was cancelled within the last minute or so. */
  boolean cancelled(String requestId) {
    return remembered.containsKey(requestId);
  }

  /** Somebody keeps calls that wait: he hears of each cancel. */
  void addQueue(Consumer<String> queue) {
    queues.add(queue);
  }

  /** He keeps none any more. */
  void removeQueue(Consumer<String> queue) {
    queues.remove(queue);
  }

  /** Forgets old cancels; to be called now and then. */
  void forgetOld() {
    var now = nanos.getAsLong();
    remembered.values().removeIf(at -> now - at > REMEMBERED.toNanos());
  }
}
