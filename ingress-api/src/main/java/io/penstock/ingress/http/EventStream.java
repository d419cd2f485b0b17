package io.penstock.ingress.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.schemas.avro.ReplyHead;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The server-sent events of one answer, written as they come. One thread. */
final class EventStream {

  private static final HeaderName ACCEL_BUFFERING = HeaderNames.create("x-accel-buffering");
  private static final byte[] COMMENT = ": keep-alive\n\n".getBytes(StandardCharsets.US_ASCII);

  /** The caller does not take any more. */
  static final class Gone extends Exception {

    private static final long serialVersionUID = 1L;

    private final String reason;

    private Gone(String reason) {
      super(reason, null, false, false);
      this.reason = reason;
    }

    String reason() {
      return reason;
    }
  }

  private interface Writing {
    void on(OutputStream out) throws IOException;
  }

  private final ServerResponse response;
  private final StreamWaiter waiter;
  private @Nullable OutputStream out;

  EventStream(ServerResponse response, StreamWaiter waiter) {
    this.response = response;
    this.waiter = waiter;
  }

  /** Sets the headers, which go out with the first piece. */
  void begin(Surface surface, @Nullable ReplyHead head, Instant now) {
    response.status(Status.OK_200);
    response.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
    response.header(HeaderNames.CACHE_CONTROL, "no-cache");
    response.header(ACCEL_BUFFERING, "no");
    if (head != null) {
      AnswerHeaders.of(surface, head, now, response);
    }
    out = response.outputStream();
  }

  /** Writes pieces, each in its turn, and lets go of them. */
  void write(List<ByteBuffer> pieces) throws Gone {
    for (var piece : pieces) {
      var bytes = new byte[piece.remaining()];
      piece.duplicate().get(bytes);
      write(stream -> stream.write(bytes));
    }
  }

  /**
   * Writes what no client takes for an event, so that nobody on the way takes silence for an end.
   */
  void comment() throws Gone {
    write(stream -> stream.write(COMMENT));
  }

  /** The good end of the body; what it means has been written before. */
  void end() throws Gone {
    write(OutputStream::close);
  }

  private void write(Writing writing) throws Gone {
    var stream = out;
    if (stream == null) {
      throw new IllegalStateException("begin first");
    }
    if (!waiter.beginWrite()) {
      throw gone();
    }
    try {
      writing.on(stream);
      stream.flush();
    } catch (IOException | UncheckedIOException | CloseConnectionException e) {
      throw gone();
    } finally {
      waiter.endWrite();
    }
  }

  private Gone gone() {
    var dropped = waiter.dropped();
    return new Gone(dropped == null ? "the caller's connection was closed" : dropped);
  }
}
