package io.penstock.ingress.batches;

import io.penstock.ingress.batches.Duties.Kind;
import io.penstock.ingress.jobs.BatchState.Batch;
import io.penstock.ingress.jobs.BatchState.Ended;
import io.penstock.ingress.jobs.BatchState.Running;
import io.penstock.ingress.jobs.BatchState.Validating;
import io.penstock.ingress.jobs.BatchState.Writing;
import io.penstock.ingress.jobs.BatchTerms;
import io.penstock.ingress.jobs.Stop;
import io.penstock.ingress.stream.JobView;
import io.penstock.ingress.stream.JobView.NotReady;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.BatchExpired;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what the batches of this instance need: looks at the job view, and validates, dispatches,
 * expires, cancels, writes. It only ever asks the log; the job view decides. One thread of its own,
 * and those of {@link Duties}.
 */
final class BatchDriver implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BatchDriver.class);
  private static final Duration LOOK_BUSY = Duration.ofMillis(20);
  private static final Duration LOOK_IDLE = Duration.ofMillis(200);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  private final JobView view;
  private final Outbox outbox;
  private final Pump pump;
  private final FileValidator validator;
  private final CancelSweep sweep;
  private final Finaliser finaliser;
  private final Duties duties;
  private final Clock clock;
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closing;

  BatchDriver(
      JobView view,
      Outbox outbox,
      Pump pump,
      FileValidator validator,
      CancelSweep sweep,
      Finaliser finaliser,
      Clock clock) {
    this.view = view;
    this.outbox = outbox;
    this.pump = pump;
    this.validator = validator;
    this.sweep = sweep;
    this.finaliser = finaliser;
    this.clock = clock;
    this.duties = new Duties(clock);
    this.thread = Thread.ofPlatform().daemon().name("ingress-pump").unstarted(this::work);
  }

  void start() {
    thread.start();
  }

  /** There may be something new: look now. */
  void wake() {
    wake.release();
  }

  private void work() {
    while (!closing) {
      var pause = pass();
      try {
        if (wake.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS)) {
          wake.drainPermits();
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private Duration pass() {
    try {
      var active = view.active();
      active.forEach(this::attend);
      duties.retain(active.stream().map(batch -> batch.terms().id()).collect(Collectors.toSet()));
      if (pump.pass(active, clock.instant())) {
        return Duration.ZERO;
      }
      return active.isEmpty() ? LOOK_IDLE : LOOK_BUSY;
    } catch (NotReady e) {
      return LOOK_IDLE;
    } catch (RuntimeException e) {
      // the work loop outlives what it meets; the pump begins again from the last report
      LOG.atError().setCause(e).log("a pass over the batches failed");
      pump.close();
      return AFTER_FAILURE;
    }
  }

  private void attend(Batch batch) {
    var id = batch.terms().id();
    switch (batch) {
      case Validating(var terms) -> {
        if (!expire(terms)) {
          duties.begin(Kind.VALIDATE, id, () -> validate(terms));
        }
      }
      case Running running -> {
        var stop = running.stop();
        if (stop == null) {
          expire(running.terms());
        } else if (stop.reason() == Stop.Reason.CANCELLED && running.cursor().stopped()) {
          // expired lines need no sweep: their own deadline is the batch's
          duties.begin(Kind.SWEEP, id, () -> sweep.run(running));
        }
      }
      case Writing writing -> duties.begin(Kind.WRITE, id, () -> write(writing));
      case Ended _ -> {}
    }
  }

  private boolean expire(BatchTerms terms) {
    if (clock.instant().isBefore(terms.expiresAt())) {
      return false;
    }
    duties.begin(
        Kind.EXPIRE, terms.id(), () -> send(terms, new BatchExpired(terms.id(), clock.instant())));
    return true;
  }

  private void validate(BatchTerms terms) throws IOException {
    var event = validator.validate(terms, () -> view.find(terms.id()) instanceof Validating);
    if (event != null) {
      LOG.atInfo()
          .addKeyValue(LogKeys.BATCH, terms.id())
          .addKeyValue(LogKeys.STATE, event.getSchema().getName())
          .log("input file read");
      send(terms, event);
    }
  }

  private void write(Writing batch) throws IOException {
    send(batch.terms(), finaliser.write(batch));
    LOG.atInfo()
        .addKeyValue(LogKeys.BATCH, batch.terms().id())
        .addKeyValue(LogKeys.COUNT, batch.work().requests())
        .log("output files written");
  }

  private void send(BatchTerms terms, SpecificRecord event) {
    // an event that does not arrive is due again in a few seconds
    outbox.batch(
        terms.id(),
        event,
        failure -> {
          if (failure != null) {
            LOG.atWarn()
                .setCause(failure)
                .addKeyValue(LogKeys.BATCH, terms.id())
                .log("an event of a batch could not be written; tried again");
          }
        });
  }

  @Override
  public void close() {
    closing = true;
    wake();
    try {
      if (!thread.join(CLOSE_WAIT)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    duties.close();
    pump.close();
  }
}
