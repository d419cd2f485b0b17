package io.penstock.ingress.sweep;

import io.penstock.ingress.files.Files;
import io.penstock.ingress.jobs.BatchState.Ended;
import io.penstock.ingress.jobs.BatchState.Running;
import io.penstock.ingress.jobs.BatchState.Validating;
import io.penstock.ingress.jobs.BatchState.Writing;
import io.penstock.ingress.stream.JobView;
import io.penstock.ingress.stream.JobView.Elsewhere;
import io.penstock.ingress.stream.JobView.NotReady;
import io.penstock.ingress.sweep.Standings.Standing;
import io.penstock.platform.Platform;
import io.penstock.platform.telemetry.LogKeys;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sweeps the blob store, round after round, in one thread of its own. */
public final class SweepJob implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SweepJob.class);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);
  private static final Duration NOT_READY = Duration.ofSeconds(5);
  private static final int AT_ONCE_PER_SECOND = 20;

  private final Sweeper sweeper;
  private final SweepMetrics metrics;
  private final Duration every;
  private final Thread thread;

  private SweepJob(Sweeper sweeper, SweepMetrics metrics, Duration every) {
    this.sweeper = sweeper;
    this.metrics = metrics;
    this.every = every;
    // a platform thread: it waits for the disk, which would keep a virtual one from serving callers
    this.thread = Thread.ofPlatform().daemon().name("ingress-sweep").unstarted(this::run);
  }

  /**
   * Starts; the first round comes after the first pause.
   *
   * @param view tells where batches stand
   */
  public static SweepJob start(
      Platform platform, SweepConfig config, Files files, JobView view, Clock clock) {
    var metrics = new SweepMetrics(platform.metrics());
    var garbage = new Garbage(config, batch -> standing(view, batch));
    var pace = pace(config.blobsPerSecond());
    var sweeper = new Sweeper(platform.blobs(), files, garbage, metrics, pace, clock);
    var job = new SweepJob(sweeper, metrics, config.every());
    job.thread.start();
    return job;
  }

  private static Standing standing(JobView view, String batch) {
    try {
      return switch (view.find(batch)) {
        case null -> Standing.UNKNOWN;
        case Ended _ -> Standing.ENDED;
        case Validating _, Running _, Writing _ -> Standing.UNFINISHED;
      };
    } catch (Elsewhere e) {
      // the instance that has it sweeps what belongs to it
      return Standing.UNFINISHED;
    }
  }

  /** Some blobs at once, then a pause: a pause after each would be too short to be kept. */
  private static Sweeper.Pace pace(int blobsPerSecond) {
    var atOnce = Math.max(1, blobsPerSecond / AT_ONCE_PER_SECOND);
    var pause = Duration.ofNanos(Duration.ofSeconds(1).toNanos() * atOnce / blobsPerSecond);
    return new Sweeper.Pace() {
      private int seen;

      @Override
      public void next() throws InterruptedException {
        if (++seen % atOnce == 0) {
          Thread.sleep(pause);
        }
      }
    };
  }

  private void run() {
    try {
      var pause = every;
      while (true) {
        Thread.sleep(pause);
        pause = round();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Duration round() throws InterruptedException {
    try {
      sweeper.round();
      metrics.round();
      return every;
    } catch (NotReady e) {
      LOG.atDebug().log("the job view moved while blobs were swept; tried again");
      return NOT_READY;
    } catch (IOException | RuntimeException e) {
      metrics.failure();
      LOG.atError()
          .setCause(e)
          .addKeyValue(LogKeys.MILLISECONDS, every.toMillis())
          .log("a round of sweeping failed; tried again after the usual pause");
      return every;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(CLOSE_WAIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
