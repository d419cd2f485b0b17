package io.penstock.ingress.batches;

import io.penstock.ingress.files.Files;
import io.penstock.ingress.http.DiskReserve;
import io.penstock.ingress.jobs.BatchState.Batch;
import io.penstock.ingress.jobs.BatchState.Running;
import io.penstock.ingress.jobs.BatchTerms;
import io.penstock.ingress.jobs.Cursor;
import io.penstock.ingress.jobs.Turns;
import io.penstock.ingress.jobs.Turns.Candidate;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.BatchAdvanced;
import io.penstock.schemas.avro.BatchCancelRequested;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends lines of running batches as requests, a window of each at a time, in turns. What it keeps
 * is lost without harm: a new pump goes on from the last report, and a line sent twice is one
 * request. One thread.
 */
final class Pump implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Pump.class);

  private static final int LINES_PER_PASS = 1_000;
  private static final long LINES_UNREPORTED_MAX = 500;
  private static final Duration REPORT_AGE = Duration.ofMillis(250);

  /** A stop that the view does not show by then is reported again. */
  private static final Duration STOP_AGAIN = Duration.ofSeconds(5);

  /**
   * After a restart nobody knows which lines were sent after the last report; their results get
   * this long.
   */
  private static final Duration STOP_UNKNOWN = Duration.ofSeconds(5);

  private static final Duration REOPEN = Duration.ofSeconds(1);

  private final Files files;
  private final LineRequests requests;
  private final Outbox outbox;
  private final DiskReserve disk;
  private final BatchesConfig limits;
  private final Map<String, PumpRun> runs = new HashMap<>();

  /** Not to be opened, or told to have stopped, before then. */
  private final Map<String, Instant> notBefore = new HashMap<>();

  private Turns turns = Turns.START;

  Pump(Files files, LineRequests requests, Outbox outbox, DiskReserve disk, BatchesConfig limits) {
    this.files = files;
    this.requests = requests;
    this.outbox = outbox;
    this.disk = disk;
    this.limits = limits;
  }

  /**
   * One pass over the batches.
   *
   * @param active batches of this instance that have not ended, as the view shows them now
   * @return whether there is more to send right now
   */
  boolean pass(List<Batch> active, Instant now) {
    var running = new HashMap<String, Running>();
    for (var batch : active) {
      if (batch instanceof Running state) {
        running.put(state.terms().id(), state);
      }
    }
    letGo(running);
    for (var state : running.values()) {
      if (state.stop() == null) {
        attend(state, now);
      } else if (!state.cursor().stopped()) {
        stop(state, now);
      }
    }
    // lines that were sent are answered, those that were not wait for space
    var more = disk.allowsMuch() && send(running, now);
    runs.values().forEach(run -> report(run, now));
    return more;
  }

  private void letGo(Map<String, Running> running) {
    notBefore.keySet().retainAll(running.keySet());
    var gone = runs.keySet().stream().filter(id -> !running.containsKey(id)).toList();
    gone.forEach(this::close);
  }

  private void attend(Running state, Instant now) {
    var id = state.terms().id();
    var run = runs.get(id);
    if (run != null && run.broken()) {
      LOG.atWarn().addKeyValue(LogKeys.BATCH, id).log("lines could not be sent; begun again");
      close(id);
      notBefore.put(id, now.plus(REOPEN));
      return;
    }
    if (run == null) {
      run = open(state, now);
    }
    if (run != null) {
      run.observe(state.tally().finished());
    }
  }

  private @Nullable PumpRun open(Running state, Instant now) {
    var terms = state.terms();
    if (now.isBefore(notBefore.getOrDefault(terms.id(), Instant.MIN))) {
      return null;
    }
    try {
      var cursor = state.cursor();
      var run = new PumpRun(terms, cursor, reader(terms, cursor), requests, outbox, now);
      runs.put(terms.id(), run);
      notBefore.remove(terms.id());
      return run;
    } catch (FileNotFoundException e) {
      cancel(terms, now);
      return null;
    } catch (IOException e) {
      failed(terms, e, now);
      return null;
    }
  }

  /** Its owner has deleted the input file: what was sent is answered, the rest never can be. */
  private void cancel(BatchTerms terms, Instant now) {
    LOG.atWarn()
        .addKeyValue(LogKeys.BATCH, terms.id())
        .log("the input file of a running batch was deleted; the batch is cancelled");
    outbox.batch(terms.id(), new BatchCancelRequested(terms.id(), now), _ -> {});
    notBefore.put(terms.id(), now.plus(STOP_AGAIN));
  }

  private LineReader reader(BatchTerms terms, Cursor cursor) throws IOException {
    var file = files.kept(terms.organization(), terms.inputFile());
    if (file == null) {
      throw new FileNotFoundException("file " + terms.inputFile() + " is gone");
    }
    var in = files.open(file, cursor.nextOffset());
    return new LineReader(in, cursor.nextOffset(), cursor.nextLine(), limits.lineBytesMax());
  }

  private void failed(BatchTerms terms, IOException e, Instant now) {
    LOG.atError()
        .setCause(e)
        .addKeyValue(LogKeys.BATCH, terms.id())
        .log("the input file of a batch cannot be read; tried again");
    notBefore.put(terms.id(), now.plus(REOPEN));
  }

  private boolean send(Map<String, Running> running, Instant now) {
    var left = LINES_PER_PASS;
    while (left > 0) {
      var inFlight = runs.values().stream().mapToLong(PumpRun::inFlight).sum();
      var candidates =
          runs.values().stream()
              .filter(run -> dispatches(running.get(run.terms().id())))
              .map(
                  run ->
                      new Candidate(run.terms().organization(), run.terms().id(), run.room(limits)))
              .toList();
      var round = turns.round(candidates, limits.windowLinesTotal() - inFlight, limits.quantum());
      if (round.grants().isEmpty()) {
        return false;
      }
      turns = round.next();
      for (var grant : round.grants()) {
        send(Objects.requireNonNull(runs.get(grant.batch())), grant.lines(), now);
        left -= grant.lines();
      }
    }
    return true;
  }

  private static boolean dispatches(@Nullable Running state) {
    return state != null && state.stop() == null;
  }

  private void send(PumpRun run, int lines, Instant now) {
    try {
      run.send(lines, limits, now);
      report(run, now);
    } catch (IOException e) {
      failed(run.terms(), e, now);
      close(run.terms().id());
    }
  }

  private void report(PumpRun run, Instant now) {
    var certain = run.report(LINES_UNREPORTED_MAX, REPORT_AGE, now);
    if (certain != null) {
      advanced(run.terms(), certain, false, now);
    }
  }

  /** Nothing more is sent; what was sent is said once all of it is on the log. */
  private void stop(Running state, Instant now) {
    var terms = state.terms();
    var run = runs.get(terms.id());
    if (run != null && run.broken()) {
      close(terms.id());
      run = null;
    }
    if (run != null && !run.settled()) {
      return;
    }
    if (run == null && !notBefore.containsKey(terms.id())) {
      notBefore.put(terms.id(), now.plus(STOP_UNKNOWN));
    }
    if (now.isBefore(notBefore.getOrDefault(terms.id(), Instant.MIN))) {
      return;
    }
    notBefore.put(terms.id(), now.plus(STOP_AGAIN));
    advanced(terms, run == null ? state.cursor() : run.cursor(), true, now);
  }

  private void advanced(BatchTerms terms, Cursor cursor, boolean stopped, Instant now) {
    var event =
        new BatchAdvanced(
            terms.id(), cursor.dispatched(), cursor.nextOffset(), cursor.nextLine(), stopped, now);
    // a report that is lost costs a repetition after a restart, and the next one comes soon
    outbox.batch(terms.id(), event, _ -> {});
  }

  private void close(String id) {
    var run = runs.remove(id);
    if (run == null) {
      return;
    }
    try {
      run.close();
    } catch (IOException e) {
      LOG.atWarn().setCause(e).addKeyValue(LogKeys.BATCH, id).log("an input file did not close");
    }
  }

  @Override
  public void close() {
    List.copyOf(runs.keySet()).forEach(this::close);
  }
}
