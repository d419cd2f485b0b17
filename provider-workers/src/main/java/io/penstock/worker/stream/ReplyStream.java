package io.penstock.worker.stream;

import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.schemas.avro.ReplyHead;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One call's stream on its way to the caller. Events are held until somebody says that they may go;
 * from then on the first piece goes at once and later ones at most every 15 ms. The timer only says
 * when; the sending is done by a virtual thread, because it may block. Thread-safe.
 */
public final class ReplyStream {

  private static final long INTERVAL_NANOS = 15_000_000L;
  // one stream must not fill the producer's buffer, which all streams share
  private static final long UNDERWAY_BYTES_MAX = 256 << 10;
  private static final Duration ROOM_WAIT = Duration.ofSeconds(10);
  private static final Duration LAST_WAIT = Duration.ofSeconds(10);

  private final Start start;
  private final Outlet outlet;
  private final ScheduledExecutorService timer;
  private final Executor sender;
  private final LongSupplier nanos;
  private final Acknowledgements acknowledgements = new Acknowledgements();
  private final ReentrantLock lock = new ReentrantLock();
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream(0);
  private @Nullable ReplyHead head;
  private int sequence;
  private boolean flowing;
  private boolean closed;
  private boolean flushDue;
  private long flushedAt;

  /** Writes pieces to the log. */
  public interface Outlet {
    /**
     * Writes a piece, tried once, in the order of the calls; may block while the log is slow.
     *
     * @param written told in any thread whether it is in the log
     */
    void write(ReplyChunk piece, Consumer<Boolean> written);
  }

  /**
   * What all pieces of a stream have in common.
   *
   * @param startedAt start of the call
   * @param sequence number of the first piece
   * @param head goes with the first piece
   */
  public record Start(
      String requestId,
      String instance,
      int attempt,
      Instant startedAt,
      int sequence,
      ReplyHead head) {}

  /**
   * Begins a stream that holds back what it is given.
   *
   * @param timer tells when held pieces are due
   * @param nanos monotonic clock
   */
  public ReplyStream(
      Start start, Outlet outlet, ScheduledExecutorService timer, LongSupplier nanos) {
    this.start = start;
    this.outlet = outlet;
    this.timer = timer;
    this.sender = Thread::startVirtualThread;
    this.nanos = nanos;
    this.head = start.head();
    this.sequence = start.sequence();
  }

  /** Takes complete events; waits while too many of them are not in the log yet. */
  public void write(byte[] events) {
    if (events.length == 0) {
      return;
    }
    var sending = false;
    lock.lock();
    try {
      pending.writeBytes(events);
      if (flowing && !closed) {
        sendWhenDue();
        sending = true;
      }
    } finally {
      lock.unlock();
    }
    if (sending && !acknowledgements.awaitAtMost(UNDERWAY_BYTES_MAX, ROOM_WAIT)) {
      acknowledgements.fail();
    }
  }

  /** What is held, and all that follows, may go. */
  public void flow() {
    lock.lock();
    try {
      if (!flowing && !closed) {
        flowing = true;
        send();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Bytes that have not been sent. */
  public int held() {
    lock.lock();
    try {
      return pending.size();
    } finally {
      lock.unlock();
    }
  }

  /** Sends what there is and waits until it is in the log; false when some of the stream is not. */
  public boolean finish() {
    flow();
    lock.lock();
    try {
      send();
      closed = true;
    } finally {
      lock.unlock();
    }
    if (!acknowledgements.awaitAtMost(0, LAST_WAIT)) {
      acknowledgements.fail();
    }
    return !broken();
  }

  /** Sends no more, neither what is held. */
  public void discard() {
    lock.lock();
    try {
      closed = true;
      pending.reset();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the caller may have seen anything of this call. */
  public boolean sent() {
    return pieces() > start.sequence();
  }

  /** Number of the next piece. */
  public int pieces() {
    lock.lock();
    try {
      return sequence;
    } finally {
      lock.unlock();
    }
  }

  /** Whether a piece is lost, so that the caller cannot get a whole answer. */
  public boolean broken() {
    return acknowledgements.failed();
  }

  private void sendWhenDue() {
    var wait = flushedAt + INTERVAL_NANOS - nanos.getAsLong();
    if (!everSent() || wait <= 0 || pending.size() >= Pieces.BYTES) {
      send();
    } else if (!flushDue) {
      flushDue = true;
      schedule(wait);
    }
  }

  private boolean everSent() {
    return sequence > start.sequence();
  }

  private void schedule(long wait) {
    try {
      timer.schedule(() -> sender.execute(this::flush), wait, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // the process ends: nothing is gained by waiting
      send();
    }
  }

  private void flush() {
    lock.lock();
    try {
      flushDue = false;
      if (!closed) {
        send();
      }
    } finally {
      lock.unlock();
    }
  }

  private void send() {
    if (pending.size() == 0) {
      return;
    }
    var events = pending.toByteArray();
    pending.reset();
    for (var piece : Pieces.of(events)) {
      send(piece);
    }
    flushedAt = nanos.getAsLong();
  }

  private void send(byte[] piece) {
    var chunk =
        new ReplyChunk(
            start.requestId(),
            start.instance(),
            start.attempt(),
            start.startedAt(),
            sequence,
            head,
            ByteBuffer.wrap(piece));
    head = null;
    sequence++;
    acknowledgements.sent(piece.length);
    outlet.write(chunk, written -> acknowledgements.ended(piece.length, written));
  }
}
