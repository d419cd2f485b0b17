package io.penstock.worker.dialect.sse;

import io.penstock.worker.dialect.ServerSentEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes server-sent events out of a stream of bytes, wherever the network cut it: lines end with
 * LF, CR or CRLF, and text is decoded by nobody before its event is whole. Used by one thread.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">The format</a>
 */
public final class EventParser {

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] EVENT = "event".getBytes(StandardCharsets.US_ASCII);

  private final int bytesMax;
  private final Sink sink;
  private final ByteArrayOutputStream raw = new ByteArrayOutputStream();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  private @Nullable String name;
  private boolean hasData;
  private boolean afterReturn;

  /** Whether the line before ended with a carriage return alone. */
  private boolean afterBareReturn;

  private boolean firstLine = true;
  private boolean tooLong;

  /** Who takes the events. */
  public interface Sink {

    /**
     * An event.
     *
     * @param raw the bytes that it came in, its blank line included
     */
    void event(ServerSentEvent event, byte[] raw);
  }

  /**
   * A parser at the beginning of a stream.
   *
   * @param bytesMax size of the largest event that is read, in bytes
   */
  public EventParser(int bytesMax, Sink sink) {
    this.bytesMax = bytesMax;
    this.sink = sink;
  }

  /** Takes more bytes; whole events go to the sink before this returns. */
  public void take(byte[] buffer, int offset, int length) {
    var end = offset + length;
    var at = offset;
    while (at < end && !tooLong) {
      var stop = at;
      while (stop < end && buffer[stop] != '\n' && buffer[stop] != '\r') {
        stop++;
      }
      if (stop > at) {
        text(buffer, at, stop - at);
      }
      if (stop < end && !tooLong) {
        lineEnd(buffer[stop]);
        stop++;
      }
      at = stop;
    }
  }

  /**
   * The stream has ended. An event that lacks only its blank line counts: many servers end so after
   * their last word.
   */
  public void end() {
    if (tooLong) {
      return;
    }
    if (line.size() > 0) {
      endLine();
    }
    if (hasData) {
      raw.write('\n');
      raw.write('\n');
      dispatch();
    }
  }

  /** Bytes of the event that has begun and not ended. */
  public int begun() {
    return raw.size();
  }

  /** Whether an event was larger than allowed; nothing is read after it. */
  public boolean tooLong() {
    return tooLong;
  }

  /** Bytes inside a line. */
  private void text(byte[] buffer, int offset, int length) {
    afterReturn = false;
    if (raw.size() + length > bytesMax) {
      tooLong = true;
      return;
    }
    raw.write(buffer, offset, length);
    line.write(buffer, offset, length);
  }

  private void lineEnd(byte mark) {
    if (mark == '\n' && afterReturn) {
      afterReturn = false;
      // the second half of the line end that closed an event is part of it already
      if (raw.size() > 0) {
        raw.write(mark);
      }
      return;
    }
    raw.write(mark);
    afterBareReturn = afterReturn;
    afterReturn = mark == '\r';
    endLine();
  }

  private void endLine() {
    var bytes = line.toByteArray();
    line.reset();
    if (firstLine) {
      firstLine = false;
      bytes = withoutMark(bytes);
    }
    if (bytes.length == 0) {
      endEvent();
      return;
    }
    field(bytes);
  }

  private byte[] withoutMark(byte[] bytes) {
    if (bytes.length < 3 || !Arrays.equals(bytes, 0, 3, BYTE_ORDER_MARK, 0, 3)) {
      return bytes;
    }
    var rest = Arrays.copyOfRange(raw.toByteArray(), 3, raw.size());
    raw.reset();
    raw.writeBytes(rest);
    return Arrays.copyOfRange(bytes, 3, bytes.length);
  }

  private void field(byte[] bytes) {
    var colon = 0;
    while (colon < bytes.length && bytes[colon] != ':') {
      colon++;
    }
    var from = Math.min(bytes.length, colon + 1);
    if (from < bytes.length && bytes[from] == ' ') {
      from++;
    }
    if (Arrays.equals(bytes, 0, colon, DATA, 0, DATA.length)) {
      if (hasData) {
        data.write('\n');
      }
      hasData = true;
      data.write(bytes, from, bytes.length - from);
    } else if (Arrays.equals(bytes, 0, colon, EVENT, 0, EVENT.length)) {
      name = new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    }
  }

  private void endEvent() {
    if (hasData) {
      if (afterReturn && !afterBareReturn) {
        // nobody waits for the line feed that is sure to follow, and nobody may miss it
        raw.write('\n');
      }
      dispatch();
      return;
    }
    // comments keep a connection alive; they are nothing to pass on
    raw.reset();
    name = null;
  }

  private void dispatch() {
    var event = new ServerSentEvent(name, data.toByteArray());
    var bytes = raw.toByteArray();
    raw.reset();
    data.reset();
    name = null;
    hasData = false;
    sink.event(event, bytes);
  }
}
