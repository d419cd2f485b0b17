package io.penstock.worker.engine;

import io.penstock.worker.engine.CallSource.Position;
import io.penstock.worker.engine.CompletedOffsets.Delivery;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * One partition that this worker owns: which of its records are finished, which are running, and
 * what is committed. The poll loop delivers, calls finish; every method holds the same lock.
 */
final class PartitionProgress {

  private final TopicPartition partition;
  private final CompletedOffsets offsets;
  private final long finishedBeforeUntil;
  private Set<CallKey> finishedBefore;
  private int running;
  private boolean suspended;
  private boolean abandoned;
  private boolean metadataFull;
  private long changesCommitted;
  private @Nullable Instant committedAt;

  /** A position to commit, and what it covers. */
  record Snapshot(Position position, long changes, Instant at) {}

  /**
   * A partition that begins.
   *
   * @param finishedBefore calls that an earlier owner finished and could not commit
   * @param finishedBeforeUntil offset from which none of them can be
   */
  PartitionProgress(
      TopicPartition partition,
      CompletedOffsets offsets,
      Set<CallKey> finishedBefore,
      long finishedBeforeUntil) {
    this.partition = partition;
    this.offsets = offsets;
    this.finishedBefore = finishedBefore;
    this.finishedBeforeUntil = finishedBeforeUntil;
    this.changesCommitted = offsets.changes();
  }

  TopicPartition partition() {
    return partition;
  }

  synchronized Delivery deliver(long offset) {
    if (offset >= finishedBeforeUntil) {
      finishedBefore = Set.of();
    }
    return offsets.deliver(offset);
  }

  /** Whether an earlier owner finished this call. */
  synchronized boolean finishedBefore(CallKey call) {
    return !finishedBefore.isEmpty()
        && (finishedBefore.contains(call) || finishedBefore.contains(call.succeeded()));
  }

  /** The consumer's position: what lies below and was not delivered never will be. */
  synchronized void passTo(long position) {
    offsets.passTo(position);
  }

  /** A record is finished without a call. */
  synchronized void finish(long offset) {
    offsets.finish(offset);
  }

  /** A call begins; false when the partition is not ours any more and it must not. */
  synchronized boolean begin() {
    if (abandoned) {
      return false;
    }
    running++;
    return true;
  }

  /** The outcome of a call that began is durable. */
  synchronized void end(long offset) {
    offsets.finish(offset);
    running--;
    if (running == 0) {
      notifyAll();
    }
  }

  /**
   * A call that began goes back among those that wait, because the provider did nothing with it;
   * false when the partition is going away, and the call must end instead.
   */
  synchronized boolean back() {
    if (suspended || abandoned) {
      return false;
    }
    running--;
    if (running == 0) {
      notifyAll();
    }
    return true;
  }

  /** Whether no call runs. */
  synchronized boolean idle() {
    return running == 0;
  }

  /** Waits until no call runs, at most this long; false when some still do. */
  synchronized boolean awaitIdle(Duration wait) throws InterruptedException {
    var until = System.nanoTime() + wait.toNanos();
    while (running > 0) {
      var left = Math.ceilDiv(until - System.nanoTime(), 1_000_000L);
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  /** Going away, perhaps to come back at once: no call of it begins meanwhile. */
  synchronized void suspend() {
    suspended = true;
  }

  synchronized void resume() {
    suspended = false;
  }

  synchronized boolean suspended() {
    return suspended;
  }

  /** Somebody else owns it: what waits must not begin. */
  synchronized void abandon() {
    abandoned = true;
  }

  /**
   * Whether no more of its records may be taken for now, because the bitmap would grow too large.
   */
  synchronized boolean full(long windowMax) {
    return metadataFull || offsets.span() >= windowMax;
  }

  /**
   * What to commit; null when nothing changed and the last commit is fresh.
   *
   * @param freshFor how long a commit counts as fresh: its time tells the next owner where to look
   *     for finished calls
   */
  synchronized @Nullable Snapshot snapshot(
      Instant now, Duration freshFor, int metadataCharactersMax) {
    var fresh = committedAt != null && now.isBefore(committedAt.plus(freshFor));
    if (offsets.changes() == changesCommitted && fresh) {
      return null;
    }
    var finished = offsets.finishedAbove();
    var metadata = new OffsetMetadata(now, finished).encode(metadataCharactersMax);
    metadataFull = metadata.length() > metadataCharactersMax / 4 * 3 && !finished.isEmpty();
    return new Snapshot(new Position(offsets.base(), metadata), offsets.changes(), now);
  }

  /** A snapshot is committed. */
  synchronized void committed(Snapshot snapshot) {
    changesCommitted = Math.max(changesCommitted, snapshot.changes());
    committedAt = snapshot.at();
  }
}
