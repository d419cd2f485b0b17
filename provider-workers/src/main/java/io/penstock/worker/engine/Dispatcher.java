package io.penstock.worker.engine;

import io.penstock.schemas.avro.CircuitState;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.UpstreamStatus;
import io.penstock.worker.limit.Admission.Busy;
import io.penstock.worker.limit.Admission.Extent;
import io.penstock.worker.limit.Admission.Granted;
import io.penstock.worker.limit.Admission.Later;
import io.penstock.worker.limit.Again;
import io.penstock.worker.limit.Circuit;
import io.penstock.worker.limit.Feedback;
import io.penstock.worker.limit.PoolLimiter;
import io.penstock.worker.limit.PoolLimits;
import io.penstock.worker.limit.Share;
import io.penstock.worker.limit.Standing;
import io.penstock.worker.limit.TokenCount;
import io.penstock.worker.limit.TokenEstimate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Starts waiting calls as permits and circuits allow: interactive ones first, batch only when none
 * of them waits. There is no thread of its own: whoever brings a call or gives back a permit starts
 * what can start, and a timer does only while a limit tells when to come back. Thread-safe.
 */
final class Dispatcher {

  // Of a batch call whose model does not answer. Longer than until the first probe: where there is
  // no other target, it would only go round and round. Not much longer: where there is one, it is
  // better off there.
  private static final Duration CIRCUIT_PATIENCE = Duration.ofSeconds(5);

  /** Starts one call in a thread of its own. */
  interface Starter {
    /** Makes the call; its permit comes back by {@link Dispatcher#released}. */
    void start(Ticket ticket);

    /** Ends the call without making it; it holds no permit. */
    void refuse(Call call, Refusal refusal);

    /** A circuit or a pause changed, which others want to know at once. Must not block. */
    void changed();
  }

  /** Why a call is not made. */
  sealed interface Refusal {
    /** Nobody wants the answer any more. */
    record DeadlinePassed() implements Refusal {}

    /** The provider's limits leave no room for longer than the call is kept here. */
    record Paused(Duration left) implements Refusal {}

    /** The model does not answer; after this time it is asked again. */
    record CircuitOpen(Duration left) implements Refusal {}

    /** The provider refuses every credential of the pool. */
    record CredentialsOut(FailureKind kind, Duration left) implements Refusal {}

    /** The caller took the request back. */
    record Cancelled() implements Refusal {}
  }

  private final PoolLimiter limiter;
  private final Upstreams upstreams = new Upstreams(RandomGenerator.getDefault());
  private final TokenEstimate estimate = new TokenEstimate();
  private final Backlog backlog = new Backlog();
  private final ReentrantLock lock = new ReentrantLock();
  private final Starter starter;
  private final ScheduledExecutorService timer;
  private final LongSupplier nanos;
  private final InstantSource clock;
  private final Duration interactivePatience;
  private final Duration batchPatience;
  // models that had to wait when it was last looked at what can start
  private Set<String> held = Set.of();
  private FailureKind credentialFailure = FailureKind.AUTHENTICATION;
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
    this.limiter = new PoolLimiter(limits, nanos.getAsLong());
    this.starter = starter;
    this.timer = timer;
    this.nanos = nanos;
    this.clock = clock;
    this.interactivePatience = settings.interactivePatience();
    this.batchPatience = settings.batchPatience();
  }

  /** Calls to be made, in the order of their records. */
  void offer(Lane lane, Collection<Call> calls) {
    var now = nanos.getAsLong();
    locked(() -> calls.forEach(call -> backlog.add(lane, Waiting.fresh(call, now))));
  }

  /** What came of an answer. */
  enum Next {
    /** The outcome is to be written. */
    WRITE,
    /** The call is among the waiting ones again, its permit is free: nothing is to be written. */
    AGAIN
  }

  /** An answer came: it says something about limits, circuit and credential. */
  Next answered(Ticket ticket, CallReport report) {
    lock.lock();
    try {
      var now = nanos.getAsLong();
      var circuit = upstreams.circuit(ticket.waiting().upstreamModel(), now);
      var before = circuit.state(now);
      learn(ticket, report, now);
      if (circuit.state(now) != before || report.feedback().limited()) {
        starter.changed();
      }
      var again = report.repeatable() && !stopped && again(ticket, report, now);
      startWhatCan();
      return again ? Next.AGAIN : Next.WRITE;
    } finally {
      lock.unlock();
    }
  }

  private void learn(Ticket ticket, CallReport report, long now) {
    var permit = ticket.permit();
    var model = ticket.waiting().upstreamModel();
    limiter.answered(permit, report.feedback(), now);
    var used = report.used();
    if (used != null) {
      limiter.used(permit, used, now);
      var all = report.feedback().tokensUsed();
      estimate.learn(
          ticket.call().assigned().getFacts().getInputTokensBound(),
          all == null ? used.input() : all - used.output(),
          used.output());
    }
    upstreams.circuit(model, now).ended(ticket.pass(), report.outcome(), now);
    var firstByte = report.firstByte();
    if (firstByte != null) {
      upstreams.firstByte(model, firstByte, now);
    }
    var standing = report.standing();
    if (standing != null) {
      limiter.note(permit.credential(), standing, now);
    }
    if (standing == Standing.BAD && report.failure() != null) {
      credentialFailure = report.failure();
    }
  }

  private boolean again(Ticket ticket, CallReport report, long now) {
    var model = ticket.waiting().upstreamModel();
    var pauseLeft = Duration.ofNanos(limiter.pauseLeftNanos(model, now));
    if (report.standing() != null
        && (limiter.inUse(ticket.permit().credential(), now) || limiter.outageLeftNanos(now) > 0)) {
      // it would be asked again with what was just refused
      return false;
    }
    var waiting = ticket.waiting().refused(now);
    // a refused credential says nothing about the pool's others, so the lane's patience counts
    var patience = report.standing() == null ? patience(waiting) : patience(waiting.lane());
    var wait =
        Again.after(
            ticket.waiting().refusals(),
            report.feedback().pause(),
            Duration.ofNanos(now - ticket.permit().grantedAt()),
            pauseLeft,
            patience.minusNanos(now - waiting.limitedSince()));
    if (wait == null || outlastsDeadline(waiting, wait) || !ticket.call().progress().back()) {
      return false;
    }
    limiter.released(ticket.permit());
    backlog.delay(waiting, now + wait.toNanos());
    return true;
  }

  private boolean outlastsDeadline(Waiting waiting, Duration wait) {
    return !waiting.call().assigned().getDeadlineAt().isAfter(clock.instant().plus(wait));
  }

  /** The outcome of a call is durable: its permit is free. */
  void released(Ticket ticket) {
    locked(() -> limiter.released(ticket.permit()));
  }

  void configure(PoolLimits limits) {
    locked(() -> limiter.configure(limits, nanos.getAsLong()));
  }

  void share(Share share) {
    locked(() -> limiter.share(share, nanos.getAsLong()));
  }

  /**
   * Another worker was told to keep off with a credential.
   *
   * @param model with this one; absent when with all
   */
  void pausedElsewhere(String credential, @Nullable String model, Duration time) {
    locked(() -> limiter.pausedElsewhere(credential, model, time, nanos.getAsLong()));
  }

  /** A credential has another secret now. */
  void restored(String credential) {
    locked(() -> limiter.restored(credential));
  }

  /** Takes back the waiting calls of partitions, in the order of their records. */
  List<Call> withdraw(Lane lane, Set<PartitionProgress> partitions) {
    lock.lock();
    try {
      return backlog
          .remove(
              waiting -> waiting.lane() == lane && partitions.contains(waiting.call().progress()))
          .stream()
          .map(Waiting::call)
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends what waits in vain: calls past their deadline, all of them in a long pause, and those
   * whose model has not answered for long.
   */
  void sweep() {
    var now = clock.instant();
    locked(
        () -> {
          if (stopped) {
            return;
          }
          var nowNanos = nanos.getAsLong();
          upstreams.forgetUnused(nowNanos);
          limiter.forgetUnused(nowNanos);
          end(
              backlog.remove(waiting -> !waiting.call().assigned().getDeadlineAt().isAfter(now)),
              new Refusal.DeadlinePassed());
          for (var model : backlog.models()) {
            sweep(model, nowNanos);
          }
        });
  }

  private void sweep(String model, long nowNanos) {
    var pause = Duration.ofNanos(limiter.pauseLeftNanos(model, nowNanos));
    if (!pause.isZero()) {
      end(
          backlog.remove(
              waiting ->
                  waiting.upstreamModel().equals(model) && pause.compareTo(patience(waiting)) > 0),
          new Refusal.Paused(pause));
    }
    var closedFor = Duration.ofNanos(upstreams.circuit(model, nowNanos).waitNanos(nowNanos));
    if (!closedFor.isZero()) {
      end(
          backlog.remove(
              waiting -> waiting.upstreamModel().equals(model) && outOfPatience(waiting, nowNanos)),
          new Refusal.CircuitOpen(closedFor));
    }
  }

  private void end(List<Waiting> calls, Refusal refusal) {
    calls.forEach(waiting -> refuse(waiting.call(), refusal));
  }

  /** What the router allows, because there is another target, else what the lane does. */
  private Duration patience(Waiting waiting) {
    var own = waiting.call().assigned().getPatienceMs();
    return own == null ? patience(waiting.lane()) : Duration.ofMillis(own);
  }

  private Duration patience(Lane lane) {
    return lane == Lane.INTERACTIVE ? interactivePatience : batchPatience;
  }

  /** Whether a call is better off at another target than waiting here for so long. */
  private boolean betterElsewhere(Waiting waiting, long waitNanos, long now) {
    return waiting.call().assigned().getPatienceMs() != null
        && patience(waiting).toNanos() - (now - waiting.limitedSince()) < waitNanos;
  }

  /** Ends the waiting calls of a request that nobody wants any more. */
  void cancel(String requestId) {
    locked(
        () ->
            end(
                backlog.remove(
                    waiting -> waiting.call().assigned().getRequestId().equals(requestId)),
                new Refusal.Cancelled()));
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

  /**
   * How the pool is doing.
   *
   * @param pauseLeft until any credential is free
   * @param circuit the worst of its models' circuits
   */
  record Gauge(
      int running,
      int waiting,
      int sharePermille,
      Duration pauseLeft,
      int concurrencyLimit,
      CircuitState circuit,
      List<UpstreamStatus> upstreams,
      List<PoolLimiter.State> credentials) {}

  Gauge gauge() {
    lock.lock();
    try {
      var now = nanos.getAsLong();
      return new Gauge(
          limiter.running(),
          backlog.size(),
          limiter.share().permille(),
          Duration.ofNanos(limiter.pauseLeftNanos(now)),
          limiter.concurrencyLimit(),
          upstreams.worst(now),
          upstreams.statuses(now, clock.instant()),
          limiter.states(now));
    } finally {
      lock.unlock();
    }
  }

  /** Calls that hold a permit. */
  int running() {
    lock.lock();
    try {
      return limiter.running();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Calls of a lane that wait for the limit of their own model; 0 while no other model was asked
   * for of late, because then nobody is held up by them.
   */
  int aside(Lane lane) {
    lock.lock();
    try {
      return upstreams.count() > 1 ? backlog.inLine(lane, held) : 0;
    } finally {
      lock.unlock();
    }
  }

  /** Calls that wait for one. */
  int waiting() {
    lock.lock();
    try {
      return backlog.size();
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
    // asked once, and passed over for the rest of this pass
    var passedOver = new HashSet<String>();
    held = passedOver;
    while (!stopped) {
      var now = nanos.getAsLong();
      bringBack(now);
      var waiting = backlog.next(passedOver);
      if (waiting == null) {
        return;
      }
      var refusal = refusal(waiting, now);
      if (refusal != null) {
        backlog.removeNext(waiting);
        refuse(waiting.call(), refusal);
        continue;
      }
      var model = waiting.upstreamModel();
      var circuit = upstreams.circuit(model, now);
      var closedFor = circuit.waitNanos(now);
      if (closedFor > 0) {
        passedOver.add(model);
        setAlarm(closedFor);
        continue;
      }
      switch (limiter.admit(waiting.lane(), model, tokens(waiting.call()), now)) {
        case Granted(var permit) -> {
          backlog.removeNext(waiting);
          start(new Ticket(waiting, permit, circuit.begin(now)), now);
        }
        case Later(var wait, _) when betterElsewhere(waiting, wait, now) -> {
          backlog.removeNext(waiting);
          refuse(waiting.call(), new Refusal.Paused(Duration.ofNanos(wait)));
        }
        case Later(var wait, var extent) -> {
          setAlarm(wait);
          if (extent == Extent.ALL) {
            return;
          }
          passedOver.add(model);
        }
        case Busy() -> {
          return;
        }
      }
    }
  }

  /** Puts back in line what was set aside until now. */
  private void bringBack(long now) {
    backlog.bringBackDelayed(now);
    var next = backlog.nextDelayed();
    if (next != null) {
      setAlarm(next - now);
    }
  }

  private @Nullable Refusal refusal(Waiting waiting, long now) {
    if (!waiting.call().assigned().getDeadlineAt().isAfter(clock.instant())) {
      return new Refusal.DeadlinePassed();
    }
    var out = limiter.outageLeftNanos(now);
    if (out > 0) {
      return new Refusal.CredentialsOut(credentialFailure, Duration.ofNanos(out));
    }
    var closedFor = upstreams.circuit(waiting.upstreamModel(), now).waitNanos(now);
    // a caller who waits is better served elsewhere at once
    if (closedFor > 0 && (waiting.lane() == Lane.INTERACTIVE || outOfPatience(waiting, now))) {
      return new Refusal.CircuitOpen(Duration.ofNanos(closedFor));
    }
    return null;
  }

  private boolean outOfPatience(Waiting waiting, long now) {
    return now - waiting.since() > CIRCUIT_PATIENCE.toNanos();
  }

  private void start(Ticket ticket, long now) {
    if (ticket.call().progress().begin()) {
      starter.start(ticket);
      return;
    }
    ticket.call().drop();
    limiter.answered(ticket.permit(), Feedback.unused(ticket.permit().reserved().total()), now);
    limiter.released(ticket.permit());
    upstreams
        .circuit(ticket.waiting().upstreamModel(), now)
        .ended(ticket.pass(), Circuit.Outcome.NEUTRAL, now);
  }

  private void refuse(Call call, Refusal refusal) {
    if (call.progress().begin()) {
      starter.refuse(call, refusal);
    } else {
      call.drop();
    }
  }

  private TokenCount tokens(Call call) {
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
}
