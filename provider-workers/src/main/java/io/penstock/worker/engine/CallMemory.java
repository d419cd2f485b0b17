package io.penstock.worker.engine;

import io.penstock.worker.http.AnswerRoom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Memory that the large bodies of all running calls share: without it a few dozen of them at once
 * are the end of the process. Small bodies, which are nearly all, are not counted.
 *
 * <p>Who finds no room waits. One call at a time may go on without it, so that calls that hold a
 * part and wait for more never wait for each other. Thread-safe.
 */
final class CallMemory {

  /** What a call may have of the prompt, and again of the answer, without being counted. */
  static final int FREE_BYTES = 128 << 10;

  /** The bytes as they came, what they are parsed into, and what is made of that. */
  private static final int COPIES = 3;

  private static final int UNIT_BYTES = 1 << 10;
  private static final long LOOK_MILLIS = 50;

  private final Semaphore room;
  private final Semaphore express = new Semaphore(1);

  /**
   * Divides memory.
   *
   * @param bytes in all, copies included
   */
  CallMemory(long bytes) {
    this.room = new Semaphore(Math.clamp(bytes / UNIT_BYTES, 1, Integer.MAX_VALUE));
  }

  /** A quarter of what this process may have. */
  static CallMemory ofThisProcess() {
    return new CallMemory(Runtime.getRuntime().maxMemory() / 4);
  }

  /** A call begins; it gives everything back when it is closed. */
  Share enter() {
    return new Share();
  }

  /** What one call has. One thread. */
  final class Share implements AnswerRoom, AutoCloseable {

    private int units;
    private boolean unbound;

    private Share() {}

    @Override
    public boolean take(long bytes, BooleanSupplier over) {
      var more = (int) Math.min(Integer.MAX_VALUE / 2, bytes * COPIES / UNIT_BYTES + 1);
      while (!unbound && !over.getAsBoolean()) {
        if (acquired(more)) {
          units += more;
          return true;
        }
        unbound = express.tryAcquire();
      }
      return unbound;
    }

    private boolean acquired(int more) {
      try {
        return room.tryAcquire(more, LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return room.tryAcquire(more);
      }
    }

    @Override
    public void close() {
      room.release(units);
      units = 0;
      if (unbound) {
        unbound = false;
        express.release();
      }
    }
  }
}
