package io.penstock.simulator.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.simulator.dialect.ErrorBody;
import io.penstock.simulator.json.JsonBytes;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** One request and its answer on the wire, and the ways to break it. Owned by its one thread. */
final class Exchange {
  private static final long WATCHED_SHORTEST_NANOS = 20_000_000;

  private final ServerRequest request;
  private final ServerResponse response;
  private final Connections connections;

  Exchange(ServerRequest request, ServerResponse response, Connections connections) {
    this.request = request;
    this.response = response;
    this.connections = connections;
  }

  /** The whole body; the server has made sure that it is not too long. */
  static byte[] readBody(ServerRequest request) throws IOException {
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    try (var in = request.content().inputStream()) {
      OptionalLong length = request.headers().contentLength();
      if (length.isEmpty()) {
        return in.readAllBytes();
      }
      var body = new byte[Math.toIntExact(length.getAsLong())];
      int read = in.readNBytes(body, 0, body.length);
      // The connection can only be used again once the end was seen.
      if (read < body.length || in.read() >= 0) {
        throw new IOException("the body is not as long as it was said to be");
      }
      return body;
    }
  }

  void header(HeaderName name, String value) {
    response.header(HeaderValues.create(name, value));
  }

  void header(Header header) {
    response.header(header);
  }

  void send(ErrorBody error) {
    send(
        error.status(),
        error.markup() == ErrorBody.Markup.JSON ? Names.JSON : Names.HTML,
        error.body());
  }

  void send(int status, Header contentType, JsonBytes body) {
    send(status, contentType, body.array(), body.length());
  }

  void send(int status, Header contentType, byte[] body, int length) {
    response.status(Status.create(status));
    response.header(contentType);
    response.send(body, 0, length);
  }

  /** Begins a stream; what is written first goes out with the first flush. */
  OutputStream openStream(Header contentType) {
    response.status(Status.OK_200);
    response.header(contentType);
    // Otherwise a short stream would be sent with its length, which no provider does.
    response.header(HeaderValues.TRANSFER_ENCODING_CHUNKED);
    return response.outputStream();
  }

  /**
   * Waits, and while it does watches whether the client hangs up: nothing may come from it before
   * it has its answer, so that reading can only tell of the connection's end.
   *
   * @throws ClientGone if the client hung up
   */
  void pause(long nanos) throws IOException, InterruptedException {
    var channel =
        nanos < WATCHED_SHORTEST_NANOS ? null : connections.of(request.remotePeer().address());
    if (channel == null) {
      TimeUnit.NANOSECONDS.sleep(Math.max(0, nanos));
      return;
    }
    long end = System.nanoTime() + nanos;
    var socket = channel.socket();
    int timeoutBefore = socket.getSoTimeout();
    try {
      socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(nanos, 1_000_000L)));
      if (socket.getInputStream().read() < 0) {
        throw new ClientGone();
      }
      // The client sends its next request early: it is lost, and with it the watch.
      TimeUnit.NANOSECONDS.sleep(end - System.nanoTime());
    } catch (SocketTimeoutException over) {
      // It has waited as long as it was asked to.
    } finally {
      if (channel.isOpen()) {
        socket.setSoTimeout(timeoutBefore);
      }
    }
  }

  /** Writes past the server, for answers that it would refuse to send. */
  void writeRaw(byte[] bytes, int length) throws IOException {
    writeRaw(bytes, 0, length);
  }

  /** Writes past the server, for answers that it would refuse to send. */
  void writeRaw(byte[] bytes, int offset, int length) throws IOException {
    var channel = connections.of(request.remotePeer().address());
    if (channel == null) {
      throw new IOException("the connection is gone");
    }
    var buffer = ByteBuffer.wrap(bytes, offset, length);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** A status line and headers for {@link #writeRaw}; the connection will not be used again. */
  static byte[] rawHead(int contentLength) {
    return rawHead("application/json", "Content-Length: " + contentLength);
  }

  /** The same for a body in chunks. */
  static byte[] rawHeadOfChunks(String contentType) {
    return rawHead(contentType, "Transfer-Encoding: chunked");
  }

  private static byte[] rawHead(String contentType, String framing) {
    return ("HTTP/1.1 200 OK\r\nContent-Type: "
            + contentType
            + "\r\nConnection: close\r\n"
            + framing
            + "\r\n\r\n")
        .getBytes(US_ASCII);
  }

  /** Resets the connection under the server. */
  void reset() {
    var channel = connections.of(request.remotePeer().address());
    if (channel != null) {
      Connections.reset(channel);
    }
  }

  /** Ends the connection under the server, as if the answer were over. */
  void finish() {
    var channel = connections.of(request.remotePeer().address());
    if (channel != null) {
      Connections.finish(channel);
    }
  }
}
