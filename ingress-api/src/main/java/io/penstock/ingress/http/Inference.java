package io.penstock.ingress.http;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.accept.BodyReader;
import io.penstock.ingress.accept.Caller;
import io.penstock.ingress.accept.ModelAccess;
import io.penstock.ingress.accept.ParsedBody;
import io.penstock.ingress.accept.Rejected;
import io.penstock.platform.catalog.Catalog;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Requests whose callers wait: accepts, writes to the log, answers from the replies, whole or as a
 * stream. Thread-safe; blocks the (virtual) thread of its caller.
 */
final class Inference {

  private final Supplier<Catalog> catalog;
  private final OpenRequests open;
  private final DiskReserve disk;
  private final WholeAnswers whole;
  private final StreamAnswers streams;
  private final long bodyBytesMax;
  private final Duration deadline;

  /**
   * Makes the handler.
   *
   * @param bodyBytesMax largest body
   * @param deadline longest wait
   */
  Inference(
      Supplier<Catalog> catalog,
      OpenRequests open,
      DiskReserve disk,
      WholeAnswers whole,
      StreamAnswers streams,
      long bodyBytesMax,
      Duration deadline) {
    this.catalog = catalog;
    this.open = open;
    this.disk = disk;
    this.whole = whole;
    this.streams = streams;
    this.bodyBytesMax = bodyBytesMax;
    this.deadline = deadline;
  }

  /** The handler of one surface. */
  SecuredHandler on(Surface surface) {
    return (caller, request, response) -> handle(surface, caller, request, response);
  }

  private void handle(
      Surface surface, Caller caller, ServerRequest request, ServerResponse response)
      throws IOException, InterruptedException {
    try (var place = open.enter()) {
      disk.require();
      var wait = Deadlines.of(request.headers(), deadline);
      var body = Bodies.json(request, bodyBytesMax, place::take);
      var wanted = wanted(surface, caller, request, response, body);
      if (wanted.parsed().stream()) {
        streams.answer(wanted, wait, response);
      } else {
        var reply = whole.exchange(wanted, new Waiter(), wait);
        whole.answer(wanted, response, reply);
      }
    }
  }

  private Wanted wanted(
      Surface surface, Caller caller, ServerRequest request, ServerResponse response, byte[] body) {
    var parsed = accepted(surface, caller, body);
    var headers = request.headers();
    return new Wanted(
        Routes.requestId(response),
        surface,
        caller,
        parsed,
        PreferenceHeaders.added(headers, parsed.preferences()),
        parsed.forwarded(body),
        IdempotencyKey.of(headers, request.path().path(), body));
  }

  private ParsedBody accepted(Surface surface, Caller caller, byte[] body) {
    return switch (BodyReader.parse(surface, body)) {
      case Rejected rejected -> throw refusal(rejected);
      case ParsedBody parsed -> {
        if (parsed.stream() && surface == Surface.OPENAI_EMBEDDINGS) {
          throw new ApiException(
              ErrorCode.UNSUPPORTED_PARAMETER, "stream", "Embeddings do not come as a stream.");
        }
        var forbidden = ModelAccess.refusal(catalog.get(), caller, parsed);
        if (forbidden != null) {
          throw refusal(forbidden);
        }
        yield parsed;
      }
    };
  }

  private static ApiException refusal(Rejected rejected) {
    return new ApiException(rejected.code(), rejected.param(), rejected.message());
  }
}
