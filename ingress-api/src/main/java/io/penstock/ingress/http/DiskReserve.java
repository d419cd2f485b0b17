package io.penstock.ingress.http;

import io.penstock.schemas.ErrorCode;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Keeps a part of the disk free. On one machine the log lies on the same disk, and a broker that
 * cannot write ends the process: so what fills the disk, files and lines of batches, is not taken
 * any more before that, and when half of the reserve is gone nothing is; what was taken before
 * needs the rest. Thread-safe.
 */
public final class DiskReserve {

  /** A reserve that is never touched. */
  public static final DiskReserve NONE = new DiskReserve(() -> Long.MAX_VALUE, 0);

  private static final Logger LOG = LoggerFactory.getLogger(DiskReserve.class);
  private static final Duration ASK_AGAIN = Duration.ofSeconds(30);
  private static final long MIB = 1 << 20;

  /** How much is left. */
  private enum Room {
    ENOUGH,
    LITTLE,
    NONE
  }

  private final LongSupplier free;
  private final long reserveBytes;
  private final AtomicReference<Room> told = new AtomicReference<>(Room.ENOUGH);

  /**
   * A reserve.
   *
   * @param free bytes of the disk that are free; asked often
   * @param reserveBytes what is to stay free; 0 for nothing
   */
  public DiskReserve(LongSupplier free, long reserveBytes) {
    this.free = free;
    this.reserveBytes = reserveBytes;
  }

  /**
   * Refuses a request when not even small things may be stored.
   *
   * @throws ApiException {@code overloaded}
   */
  public void require() {
    if (room(0) == Room.NONE) {
      throw refusal();
    }
  }

  /**
   * Refuses what takes much of the disk.
   *
   * @param bytes how much, as far as known
   * @throws ApiException {@code overloaded}
   */
  public void requireFor(long bytes) {
    if (room(bytes) != Room.ENOUGH) {
      throw refusal();
    }
  }

  /** Whether what takes much of the disk may be stored. */
  public boolean allowsMuch() {
    return room(0) == Room.ENOUGH;
  }

  private Room room(long bytes) {
    var left = free.getAsLong();
    tell(room(left, told.get() == Room.ENOUGH ? reserveBytes : reserveBytes + reserveBytes / 8));
    return room(left - bytes, reserveBytes);
  }

  private Room room(long left, long reserve) {
    return left >= reserve ? Room.ENOUGH : left >= reserveBytes / 2 ? Room.LITTLE : Room.NONE;
  }

  /**
   * Once for each change; after the first, only an eighth more than the reserve is enough again.
   */
  private void tell(Room now) {
    var before = told.getAndSet(now);
    if (before == now) {
      return;
    }
    switch (now) {
      case ENOUGH -> LOG.atInfo().log("the disk has space again: everything is taken");
      case LITTLE ->
          warning().log("the disk is almost full: files and lines of batches wait for space");
      case NONE -> warning().log("the disk is almost full: nothing is taken until there is space");
    }
  }

  private LoggingEventBuilder warning() {
    return LOG.atWarn()
        .addKeyValue("freeMebibytes", free.getAsLong() / MIB)
        .addKeyValue("reserveMebibytes", reserveBytes / MIB);
  }

  /** What to say when the disk has no space for a request. */
  static ApiException refusal() {
    return new ApiException(
        ErrorCode.OVERLOADED,
        null,
        "The disk of this installation is almost full, so this was not taken; ask again when its"
            + " operator has made space.",
        ASK_AGAIN);
  }
}
