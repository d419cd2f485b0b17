package io.penstock.simulator.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.simulator.limit.Admission;
import io.penstock.simulator.limit.GoDuration;
import io.penstock.simulator.limit.LimitState;
import io.penstock.simulator.openai.JsonBytes;
import io.penstock.simulator.openai.OpenAiError;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;

/** One request and its answer on the wire, and the ways to break it. Owned by its one thread. */
final class Exchange {
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

  void limits(Admission admission) {
    admission
        .requests()
        .ifPresent(
            state ->
                limit(state, Names.LIMIT_REQUESTS, Names.REMAINING_REQUESTS, Names.RESET_REQUESTS));
    admission
        .tokens()
        .ifPresent(
            state -> limit(state, Names.LIMIT_TOKENS, Names.REMAINING_TOKENS, Names.RESET_TOKENS));
  }

  /** Both forms of the hint; the seconds are whole and rounded up, as HTTP wants them. */
  void retryAfter(Duration wait) {
    long millis = Math.max(1, Math.ceilDiv(wait.toNanos(), 1_000_000L));
    header(Names.RETRY_AFTER, String.valueOf(Math.ceilDiv(millis, 1_000L)));
    header(Names.RETRY_AFTER_MILLIS, String.valueOf(millis));
  }

  void send(OpenAiError error) {
    send(error.status(), Names.JSON, error.body());
  }

  void send(int status, Header contentType, JsonBytes body) {
    send(status, contentType, body.array(), body.length());
  }

  void send(int status, Header contentType, byte[] body, int length) {
    response.status(Status.create(status));
    response.header(contentType);
    response.send(body, 0, length);
  }

  /** Begins a stream of events; what is written first goes out with the first flush. */
  OutputStream openStream() {
    response.status(Status.OK_200);
    response.header(Names.EVENTS);
    // Otherwise a short stream would be sent with its length, which no provider does.
    response.header(HeaderValues.TRANSFER_ENCODING_CHUNKED);
    return response.outputStream();
  }

  /** Writes past the server, for answers that it would refuse to send. */
  void writeRaw(byte[] bytes, int length) throws IOException {
    var channel = connections.of(request.remotePeer().address());
    if (channel == null) {
      throw new IOException("the connection is gone");
    }
    var buffer = ByteBuffer.wrap(bytes, 0, length);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** A status line and headers for {@link #writeRaw}. */
  static byte[] rawHead(int contentLength) {
    return ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            + contentLength
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

  private void limit(
      LimitState state, HeaderName limitName, HeaderName remainingName, HeaderName resetName) {
    header(limitName, String.valueOf(state.perMinute()));
    header(remainingName, String.valueOf(state.remaining()));
    header(resetName, GoDuration.format(state.resetNanos()));
  }
}
