package io.penstock.worker.engine;

import io.penstock.schemas.avro.CredentialStatus;
import io.penstock.schemas.avro.ModelLimitStatus;
import io.penstock.schemas.avro.PoolStatus;
import io.penstock.worker.limit.PoolLimiter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes how a pool is doing: when told to, and soon after a change, but not more than ten times a
 * second. Thread-safe.
 */
final class StatusWriter implements AutoCloseable {

  private static final Duration APART = Duration.ofMillis(100);

  private final String pool;
  private final String instance;
  private final Supplier<Dispatcher.Gauge> gauges;
  private final PoolMeters meters;
  private final CallLog log;
  private final ScheduledExecutorService timer;
  private final InstantSource clock;
  private final AtomicBoolean waiting = new AtomicBoolean();
  // one after the other, so that an older record does not come last
  private final ReentrantLock writing = new ReentrantLock();
  private volatile Instant writtenAt = Instant.EPOCH;
  private volatile boolean closed;

  StatusWriter(
      String pool,
      String instance,
      Supplier<Dispatcher.Gauge> gauges,
      PoolMeters meters,
      CallLog log,
      ScheduledExecutorService timer,
      InstantSource clock) {
    this.pool = pool;
    this.instance = instance;
    this.gauges = gauges;
    this.meters = meters;
    this.log = log;
    this.timer = timer;
    this.clock = clock;
  }

  /** Something changed that others want to know; does not block. */
  void soon() {
    if (closed || !waiting.compareAndSet(false, true)) {
      return;
    }
    var left = Duration.between(clock.instant(), writtenAt.plus(APART)).toMillis();
    try {
      // a virtual thread, because sending may block and the timer serves every pool
      timer.schedule(
          () -> Thread.startVirtualThread(this::now),
          Math.clamp(left, 0, APART.toMillis()),
          TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // closing: nobody wants to know any more
    }
  }

  /** Writes it. */
  void now() {
    waiting.set(false);
    writing.lock();
    try {
      if (!closed) {
        writtenAt = clock.instant();
        log.status(status(gauges.get(), writtenAt));
      }
    } finally {
      writing.unlock();
    }
  }

  private PoolStatus status(Dispatcher.Gauge gauge, Instant now) {
    var interval = meters.interval();
    return PoolStatus.newBuilder()
        .setPool(pool)
        .setInstance(instance)
        .setInFlight(gauge.running())
        .setWaiting(gauge.waiting())
        .setSharePermille(gauge.sharePermille())
        .setCircuit(gauge.circuit())
        .setPausedUntil(after(gauge.pauseLeft(), now))
        .setFinished(interval.finished())
        .setFailed(interval.failed())
        .setLatencyP50Ms(interval.latencyMedianMillis())
        .setUpstreams(gauge.upstreams())
        .setCredentials(
            gauge.credentials().stream()
                .map(state -> credential(state, gauge.concurrencyLimit(), now))
                .toList())
        .setAt(now)
        .build();
  }

  private static CredentialStatus credential(
      PoolLimiter.State state, long concurrencyLimit, Instant now) {
    return CredentialStatus.newBuilder()
        .setName(state.name())
        .setPausedUntil(after(state.pauseLeft(), now))
        .setModels(state.models().stream().map(model -> model(model, now)).toList())
        .setConcurrencyLimit(concurrencyLimit)
        .build();
  }

  private static ModelLimitStatus model(PoolLimiter.ModelState state, Instant now) {
    return ModelLimitStatus.newBuilder()
        .setUpstreamModel(state.name())
        .setPausedUntil(after(state.pauseLeft(), now))
        .setRequestsPerMinute(state.requestsLearned())
        .setTokensPerMinute(state.tokensLearned())
        .build();
  }

  private static @Nullable Instant after(Duration left, Instant now) {
    return left.isZero() ? null : now.plus(left);
  }

  @Override
  public void close() {
    closed = true;
    // what is being written comes before what the pool writes when it goes
    writing.lock();
    writing.unlock();
  }
}
