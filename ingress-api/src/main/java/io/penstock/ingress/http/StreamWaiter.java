package io.penstock.ingress.http;

import io.penstock.ingress.answer.Assembly;
import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.ReplyHead;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One stream that is on its way: the reader of replies puts pieces in, the caller's thread takes
 * them out in order. What lies between is bounded; a caller for whom it runs over is dropped.
 * Thread-safe.
 */
final class StreamWaiter implements Waiting {

  /** What the caller's thread finds. */
  sealed interface Next {

    /** Pieces to write, in order; at least one. */
    record Pieces(List<ByteBuffer> pieces) implements Next {}

    /** All pieces have been taken. */
    record Complete() implements Next {}

    /** It ended otherwise than as a stream. */
    record Ended(ReplyFinished end) implements Next {}

    /** There will be no answer. */
    record Refused(ApiException refusal) implements Next {}

    /** The pieces do not make one answer. */
    record Broken(String reason) implements Next {}

    /** The caller has gone, or is too slow. */
    record Dropped(String reason) implements Next {}

    /** Nothing came in time. */
    record Silence() implements Next {}
  }

  private final long bytesMax;
  private final StreamRoom room;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // all under the lock
  private final Assembly assembly = new Assembly();
  private List<ByteBuffer> ready = new ArrayList<>();
  private long readyBytes;
  private long held;
  private @Nullable ApiException refusal;
  private @Nullable String dropped;
  private @Nullable Thread writer;
  private long writingSince;

  /**
   * @param bytesMax bytes that may lie here, not yet written
   * @param room what all streams together may hold
   */
  StreamWaiter(long bytesMax, StreamRoom room) {
    this.bytesMax = bytesMax;
    this.room = room;
  }

  @Override
  public void piece(ReplyChunk piece) {
    lock.lock();
    try {
      if (dropped != null) {
        return;
      }
      for (var data : assembly.piece(piece)) {
        ready.add(data);
        readyBytes += data.remaining();
      }
      measure();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void measure() {
    var now = readyBytes + assembly.waitingBytes();
    var more = now - held;
    held = now;
    if (!room.take(more) && more > 0) {
      drop("too much waits for all callers together");
    } else if (now > bytesMax) {
      drop("the caller does not read fast enough");
    }
  }

  /** Pieces may come after the end that counts them. */
  @Override
  public boolean answer(ReplyFinished finished) {
    lock.lock();
    try {
      assembly.end(finished);
      changed.signalAll();
      return false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void fail(ApiException exception) {
    lock.lock();
    try {
      refusal = refusal == null ? exception : refusal;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The caller has gone, or might as well have. Wakes the caller's thread, even out of a write. */
  void drop(String reason) {
    lock.lock();
    try {
      if (dropped != null) {
        return;
      }
      dropped = reason;
      release();
      if (writer != null) {
        // closes the connection: nothing else ends a write that the other side does not read
        writer.interrupt();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody takes anything out any more. */
  void close() {
    drop("the stream has ended");
  }

  private void release() {
    ready = new ArrayList<>();
    readyBytes = 0;
    room.give(held);
    held = 0;
  }

  /** Drops the caller when one write has taken longer than this. */
  void dropStalled(Duration longest) {
    lock.lock();
    try {
      if (writer != null && System.nanoTime() - writingSince > longest.toNanos()) {
        drop("the caller stopped reading");
      }
    } finally {
      lock.unlock();
    }
  }

  /** What the first call said of itself; null before the first piece. */
  @Nullable ReplyHead head() {
    lock.lock();
    try {
      return assembly.head();
    } finally {
      lock.unlock();
    }
  }

  /** The end of a stream that is complete; null before. */
  @Nullable ReplyFinished end() {
    lock.lock();
    try {
      return assembly.state() instanceof Assembly.State.Complete(var end) ? end : null;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for what comes next. */
  Next next(Duration timeout) throws InterruptedException {
    var left = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      for (var next = present(); ; next = present()) {
        if (next != null) {
          return next;
        }
        if (left <= 0) {
          return new Next.Silence();
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Next present() {
    if (dropped != null) {
      return new Next.Dropped(dropped);
    }
    if (!ready.isEmpty()) {
      var taken = ready;
      var before = held;
      ready = new ArrayList<>();
      readyBytes = 0;
      held = assembly.waitingBytes();
      room.give(before - held);
      return new Next.Pieces(taken);
    }
    if (refusal != null) {
      return new Next.Refused(refusal);
    }
    return switch (assembly.state()) {
      case Assembly.State.Open _ -> null;
      case Assembly.State.Complete _ -> new Next.Complete();
      case Assembly.State.Ended(var end) -> new Next.Ended(end);
      case Assembly.State.Broken(var reason) -> new Next.Broken(reason);
    };
  }

  /**
   * To be called before a write.
   *
   * @return false when the caller has been dropped, and nothing may be written any more
   */
  boolean beginWrite() {
    lock.lock();
    try {
      if (dropped != null) {
        return false;
      }
      writer = Thread.currentThread();
      writingSince = System.nanoTime();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** To be called after a write, whether it succeeded or not. */
  void endWrite() {
    lock.lock();
    try {
      writer = null;
      if (dropped != null) {
        // the interruption was meant for the write that has ended, not for what follows
        Thread.interrupted();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Why the caller was dropped; null when not. */
  @Nullable String dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }
}
