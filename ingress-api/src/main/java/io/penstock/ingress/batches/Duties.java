package io.penstock.ingress.batches;

import io.penstock.ingress.stream.JobView.NotReady;
import io.penstock.platform.telemetry.LogKeys;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Long work on batches, each piece once at a time, on a few threads of its own. A piece that is
 * still due some seconds after it ended is done again: all pieces may be repeated without harm.
 * Thread-safe.
 */
final class Duties implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Duties.class);
  private static final int THREADS = 4;
  private static final Duration AGAIN = Duration.ofSeconds(5);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  /** What there is to do with a batch. */
  enum Kind {
    VALIDATE,
    EXPIRE,
    SWEEP,
    WRITE
  }

  /** A piece of work. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  private record Duty(Kind kind, String batch) {}

  // platform threads: the work is reading and parsing, which would keep virtual ones from serving
  // callers
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS, Thread.ofPlatform().daemon().name("ingress-batches-", 0).factory());

  private final Map<Duty, Instant> notBefore = new ConcurrentHashMap<>();
  private final Clock clock;

  Duties(Clock clock) {
    this.clock = clock;
  }

  /** Begins a piece unless it is going on, or ended a moment ago. */
  void begin(Kind kind, String batch, Work work) {
    var duty = new Duty(kind, batch);
    var due = notBefore.get(duty);
    if (due != null && clock.instant().isBefore(due)) {
      return;
    }
    notBefore.put(duty, Instant.MAX);
    threads.execute(() -> run(duty, work));
  }

  private void run(Duty duty, Work work) {
    try {
      work.run();
    } catch (NotReady e) {
      LOG.atDebug().addKeyValue(LogKeys.BATCH, duty.batch()).log("the job view moved; tried again");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOG.atError()
          .setCause(e)
          .addKeyValue(LogKeys.BATCH, duty.batch())
          .addKeyValue(LogKeys.STATE, duty.kind())
          .log("work on a batch failed; tried again");
    } finally {
      notBefore.put(duty, clock.instant().plus(AGAIN));
    }
  }

  /** Forgets batches that are not among these. */
  void retain(Set<String> batches) {
    notBefore.entrySet().removeIf(entry -> done(entry.getValue(), entry.getKey(), batches));
  }

  private static boolean done(Instant due, Duty duty, Set<String> batches) {
    return !due.equals(Instant.MAX) && !batches.contains(duty.batch());
  }

  @Override
  public void close() {
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.atWarn().log("work on batches did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
