package io.penstock.ingress.sweep;

import io.penstock.ingress.files.Files;
import io.penstock.ingress.jobs.LineIds;
import io.penstock.platform.blob.BlobStore;
import io.penstock.platform.blob.BlobStore.Found;
import io.penstock.platform.blob.Payloads;
import java.io.IOException;
import java.time.Clock;

/**
 * Goes round the blob store and removes garbage. Every removal is complete in itself, so a round
 * may be broken off anywhere, and several instances may go round at once. One thread; memory for
 * one blob's name.
 */
final class Sweeper {

  /** Waits, so that a round takes no more of the disk than it may. */
  @FunctionalInterface
  interface Pace {
    void next() throws InterruptedException;
  }

  private interface Rule {
    boolean garbage(Found found) throws IOException;
  }

  private final BlobStore blobs;
  private final Files files;
  private final Garbage garbage;
  private final SweepMetrics metrics;
  private final Pace pace;
  private final Clock clock;

  Sweeper(
      BlobStore blobs, Files files, Garbage garbage, SweepMetrics metrics, Pace pace, Clock clock) {
    this.blobs = blobs;
    this.files = files;
    this.garbage = garbage;
    this.metrics = metrics;
    this.pace = pace;
    this.clock = clock;
  }

  /**
   * One round. Uses go first, because a file stays while it is used.
   *
   * @throws io.penstock.ingress.stream.JobView.NotReady when nobody can say where batches stand
   */
  void round() throws IOException, InterruptedException {
    blobs.tidy();
    sweep(Files.USES, Swept.USE, found -> garbage.use(found, clock.instant()));
    sweepFiles();
    sweep(Files.CONTENT, Swept.FILE, this::orphan);
    sweep(Files.KEYS, Swept.KEY, found -> garbage.key(found, clock.instant()));
    sweep(Payloads.BODIES, Swept.BODY, found -> garbage.body(found, clock.instant()));
    sweep(LineIds.BODIES, Swept.BODY, found -> garbage.batchBody(found, clock.instant()));
    sweep(Payloads.ANSWERS, Swept.ANSWER, found -> garbage.answer(found, clock.instant()));
  }

  private void sweep(String prefix, Swept kind, Rule rule)
      throws IOException, InterruptedException {
    blobs.walk(
        prefix,
        found -> {
          pace.next();
          if (rule.garbage(found) && blobs.delete(found.key())) {
            metrics.swept(kind, found.size());
          }
        });
  }

  private void sweepFiles() throws IOException, InterruptedException {
    blobs.walk(
        Files.METADATA,
        found -> {
          pace.next();
          var file = files.at(found.key());
          if (file != null
              && garbage.file(file, clock.instant())
              && !files.used(file.organization(), file.id())
              && files.remove(file.organization(), file.id())) {
            metrics.swept(Swept.FILE, file.bytes());
          }
        });
  }

  private boolean orphan(Found found) throws IOException {
    return garbage.orphan(found, clock.instant())
        && files.kept(Garbage.segment(found.key(), 1), Garbage.segment(found.key(), 2)) == null;
  }
}
