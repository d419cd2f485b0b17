package io.penstock.worker.engine;

import java.util.BitSet;

/**
 * Which offsets of one partition are finished: everything below the base, and a bitmap above it.
 *
 * <p>Offsets have holes (transaction markers, aborted records): what lies between two delivered
 * offsets will never be delivered, so it counts as finished once the later one is. Finished offsets
 * may be known before they are delivered again, from the bitmap of an earlier owner. Not
 * thread-safe.
 *
 * <pre>
 *   finished    base          next
 *   ─────────────┼─────────────┼──────────────
 *   all finished │ some        │ not delivered to us; some finished by an earlier owner
 * </pre>
 */
public final class CompletedOffsets {

  private static final int SHIFT_MIN = 4096;

  private BitSet finished;
  private long origin;
  private long base;
  private long next;
  private long changes;

  /** What a delivered offset is. */
  public enum Delivery {
    /** To be worked on. */
    NEW,
    /** Delivered before and not finished: somebody works on it. */
    RUNNING,
    /** Finished already, by us or by an earlier owner. */
    FINISHED
  }

  /** Starts where nothing is finished yet. */
  public CompletedOffsets(long base) {
    this(base, new BitSet());
  }

  /**
   * Continues where an earlier owner stopped.
   *
   * @param base first offset that is not finished
   * @param finishedAbove bit i says that offset base + i is finished
   */
  public CompletedOffsets(long base, BitSet finishedAbove) {
    this.origin = base;
    this.base = base;
    this.next = base;
    this.finished = (BitSet) finishedAbove.clone();
  }

  /** The consumer got a record. */
  public Delivery deliver(long offset) {
    if (offset < base) {
      return Delivery.FINISHED;
    }
    if (offset < next) {
      return finished.get(index(offset)) ? Delivery.FINISHED : Delivery.RUNNING;
    }
    passTo(offset);
    next = offset + 1;
    var known = finished.get(index(offset));
    advance();
    return known ? Delivery.FINISHED : Delivery.NEW;
  }

  /** The consumer has got everything below a position: what was not delivered never will be. */
  public void passTo(long position) {
    if (position <= next) {
      return;
    }
    if (base == next) {
      jumpTo(position);
      return;
    }
    finished.set(index(next), index(position));
    next = position;
    advance();
  }

  /**
   * Nothing is running: a hole of any size costs no bitmap (retention may have removed millions).
   */
  private void jumpTo(long position) {
    var hole = position - origin;
    finished =
        hole >= finished.length() ? new BitSet() : finished.get((int) hole, finished.length());
    origin = position;
    base = position;
    next = position;
    changes++;
  }

  /**
   * A delivered record is finished; saying so again changes nothing.
   *
   * @throws IllegalArgumentException when it was not delivered
   */
  public void finish(long offset) {
    if (offset >= next) {
      throw new IllegalArgumentException("offset " + offset + " was not delivered");
    }
    if (offset < base || finished.get(index(offset))) {
      return;
    }
    finished.set(index(offset));
    changes++;
    advance();
  }

  /** First offset that is not finished: the offset to commit. */
  public long base() {
    return base;
  }

  /** First offset that was not delivered. */
  public long next() {
    return next;
  }

  /** Offsets between the first unfinished and the last delivered one: what the bitmap must hold. */
  public long span() {
    return next - base;
  }

  /** Goes up with everything that is worth a commit. */
  public long changes() {
    return changes;
  }

  /** Finished offsets from the base on: bit i is offset base + i. */
  public BitSet finishedAbove() {
    return finished.get(index(base), Math.max(index(base), finished.length()));
  }

  private int index(long offset) {
    return Math.toIntExact(offset - origin);
  }

  private void advance() {
    var reached = origin + finished.nextClearBit(index(base));
    reached = Math.min(reached, next);
    if (reached == base) {
      return;
    }
    base = reached;
    changes++;
    if (base - origin >= SHIFT_MIN) {
      finished = finishedAbove();
      origin = base;
    }
  }
}
