package io.penstock.worker.engine;

import io.penstock.schemas.avro.Lane;
import io.penstock.worker.limit.Admission.Busy;
import io.penstock.worker.limit.Admission.Granted;
import io.penstock.worker.limit.Admission.Later;
import io.penstock.worker.limit.Feedback;
import io.penstock.worker.limit.PoolLimiter;
import io.penstock.worker.limit.PoolLimits;
import io.penstock.worker.limit.Share;
import io.penstock.worker.limit.TokenEstimate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Starts waiting calls as permits allow: interactive ones first, batch only when none of them
 * waits. There is no thread of its own: whoever brings a call or gives back a permit starts what
 * can start, and a timer does only while a limit tells when to come back. Thread-safe.
 */
final class Dispatcher {

  /** Starts one call in a thread of its own. */
  interface Starter {
    /** Makes the call; the permit comes back by {@link Dispatcher#released}. */
    void start(Call call, long tokensReserved);

    /** Ends the call without making it; it holds no permit. */
    void refuse(Call call, Refusal refusal);
  }

  /** Why a call is not made. */
  sealed interface Refusal {
    /** Nobody wants the answer any more. */
    record DeadlinePassed() implements Refusal {}

    /** The provider wants to be left alone for longer than calls are kept here. */
    record Paused(Duration left) implements Refusal {}

    /** The caller took the request back. */
    record Cancelled() implements Refusal {}
  }

  private final PoolLimiter limiter;
  private final TokenEstimate estimate = new TokenEstimate();
  private final Deque<Call> interactive = new ArrayDeque<>();
  private final Deque<Call> batch = new ArrayDeque<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Starter starter;
  private final ScheduledExecutorService timer;
  private final LongSupplier nanos;
  private final InstantSource clock;
  private final Duration interactivePatience;
  private final Duration batchPatience;
  private long alarmAt;
  private boolean alarmSet;
  private boolean stopped;

  Dispatcher(
      PoolLimits limits,
      Starter starter,
      ScheduledExecutorService timer,
      LongSupplier nanos,
      InstantSource clock,
      EngineSettings settings) {
    this.limiter = new PoolLimiter(limits);
    this.starter = starter;
    this.timer = timer;
    this.nanos = nanos;
    this.clock = clock;
    this.interactivePatience = settings.interactivePatience();
    this.batchPatience = settings.batchPatience();
  }

  /** Calls to be made, in the order of their records. */
  void offer(Lane lane, Collection<Call> calls) {
    locked(() -> queue(lane).addAll(calls));
  }

  /** An answer came: it says something about the limits. */
  void answered(Feedback feedback) {
    locked(() -> limiter.answered(feedback, nanos.getAsLong()));
  }

  /** The outcome of a call is durable: its permit is free. */
  void released() {
    locked(limiter::released);
  }

  /** A call was served: later estimates get better. */
  void learn(long inputBound, long inputUsed, long outputUsed) {
    lock.lock();
    try {
      estimate.learn(inputBound, inputUsed, outputUsed);
    } finally {
      lock.unlock();
    }
  }

  void configure(PoolLimits limits) {
    locked(() -> limiter.configure(limits, nanos.getAsLong()));
  }

  void share(Share share) {
    locked(() -> limiter.share(share, nanos.getAsLong()));
  }

  /** Takes back the waiting calls of partitions, in the order of their records. */
  List<Call> withdraw(Lane lane, Set<PartitionProgress> partitions) {
    var withdrawn = new ArrayList<Call>();
    lock.lock();
    try {
      queue(lane).removeIf(call -> partitions.contains(call.progress()) && withdrawn.add(call));
    } finally {
      lock.unlock();
    }
    return withdrawn;
  }

  /** Ends what waits in vain: calls past their deadline, and all of them in a long pause. */
  void sweep() {
    var now = clock.instant();
    locked(
        () -> {
          if (stopped) {
            return;
          }
          var pause = Duration.ofNanos(limiter.pauseLeftNanos(nanos.getAsLong()));
          for (var lane : List.of(Lane.INTERACTIVE, Lane.BATCH)) {
            var patience = lane == Lane.INTERACTIVE ? interactivePatience : batchPatience;
            var outlasts = pause.compareTo(patience) > 0;
            queue(lane)
                .removeIf(
                    call -> {
                      if (!call.assigned().getDeadlineAt().isAfter(now)) {
                        refuse(call, new Refusal.DeadlinePassed());
                        return true;
                      }
                      if (outlasts) {
                        refuse(call, new Refusal.Paused(pause));
                      }
                      return outlasts;
                    });
          }
        });
  }

  /** Ends the waiting calls of a request that nobody wants any more. */
  void cancel(String requestId) {
    locked(
        () -> {
          for (var lane : List.of(Lane.INTERACTIVE, Lane.BATCH)) {
            queue(lane)
                .removeIf(
                    call -> {
                      var wanted = !call.assigned().getRequestId().equals(requestId);
                      if (!wanted) {
                        refuse(call, new Refusal.Cancelled());
                      }
                      return !wanted;
                    });
          }
        });
  }

  /** Starts nothing any more. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
    } finally {
      lock.unlock();
    }
  }

  /** How the pool is doing. */
  record Gauge(
      int running, int waiting, int sharePermille, Duration pauseLeft, int concurrencyLimit) {}

  Gauge gauge() {
    lock.lock();
    try {
      return new Gauge(
          limiter.running(),
          interactive.size() + batch.size(),
          limiter.share().permille(),
          Duration.ofNanos(limiter.pauseLeftNanos(nanos.getAsLong())),
          limiter.concurrencyLimit());
    } finally {
      lock.unlock();
    }
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
      startWhatCan();
    } finally {
      lock.unlock();
    }
  }

  private void startWhatCan() {
    while (!stopped) {
      var lane = interactive.isEmpty() ? Lane.BATCH : Lane.INTERACTIVE;
      var queue = queue(lane);
      var call = queue.peek();
      if (call == null) {
        return;
      }
      if (!call.assigned().getDeadlineAt().isAfter(clock.instant())) {
        queue.remove();
        refuse(call, new Refusal.DeadlinePassed());
        continue;
      }
      switch (limiter.admit(lane, tokens(call), nanos.getAsLong())) {
        case Granted(var reserved) -> {
          queue.remove();
          start(call, reserved);
        }
        case Later(var wait) -> {
          setAlarm(wait);
          return;
        }
        case Busy() -> {
          return;
        }
      }
    }
  }

  private void start(Call call, long reserved) {
    if (call.progress().begin()) {
      starter.start(call, reserved);
    } else {
      call.drop();
      limiter.answered(Feedback.unused(reserved), nanos.getAsLong());
      limiter.released();
    }
  }

  private void refuse(Call call, Refusal refusal) {
    if (call.progress().begin()) {
      starter.refuse(call, refusal);
    } else {
      call.drop();
    }
  }

  private long tokens(Call call) {
    var facts = call.assigned().getFacts();
    var most = facts.getOutputTokensMax();
    if (most == null) {
      most = call.assigned().getOutputTokensLimit();
    }
    var outputs = most == null ? Long.MAX_VALUE : most * Math.max(1, facts.getChoices());
    return estimate.of(facts.getInputTokensBound(), outputs);
  }

  private void setAlarm(long wait) {
    var at = nanos.getAsLong() + wait;
    if (alarmSet && at - alarmAt >= 0) {
      return;
    }
    alarmSet = true;
    alarmAt = at;
    try {
      timer.schedule(() -> alarm(at), wait, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      stopped = true;
    }
  }

  private void alarm(long at) {
    locked(
        () -> {
          // an earlier alarm may have replaced this one
          if (alarmSet && alarmAt == at) {
            alarmSet = false;
          }
        });
  }

  private Deque<Call> queue(Lane lane) {
    return lane == Lane.INTERACTIVE ? interactive : batch;
  }
}
