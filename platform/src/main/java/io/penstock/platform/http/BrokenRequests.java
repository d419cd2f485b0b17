package io.penstock.platform.http;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests that are too broken for any route to see them: a header that is too long, an
 * encoding that nobody here reads. Without it the server answers with a bare status, of which a
 * client library cannot tell its user anything. Thread-safe.
 */
final class BrokenRequests implements DirectHandler {

  private static final String UNKNOWN = "The request could not be read.";

  private final ErrorBody body;

  BrokenRequests(ErrorBody body) {
    this.body = body;
  }

  /** For every way in which a request can be broken. */
  static DirectHandlers handlers(ErrorBody body) {
    var handlers = DirectHandlers.builder();
    for (var event : EventType.values()) {
      handlers.addHandler(event, new BrokenRequests(body));
    }
    return handlers.build();
  }

  @Override
  public TransportResponse handle(
      TransportRequest request,
      EventType event,
      Status status,
      ServerResponseHeaders headers,
      @Nullable String message) {
    // the server calls an encoding that it does not know a bad request
    var encoded =
        event == EventType.BAD_REQUEST && request.headers().contains(HeaderNames.CONTENT_ENCODING);
    var told = encoded ? Status.UNSUPPORTED_MEDIA_TYPE_415 : status;
    var text =
        encoded
            ? "Compressed bodies are not accepted: send without Content-Encoding."
            : message == null || message.isBlank() ? UNKNOWN : message;
    return TransportResponse.builder()
        .status(told)
        .headers(headers)
        .header(HeaderValues.CONTENT_TYPE_JSON)
        .keepAlive(event.keepAlive())
        .entity(body.json(told.code(), request.path(), text))
        .build();
  }
}
