package io.penstock.ingress.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.answer.RouteHeader;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.ReplyHead;
import io.penstock.schemas.avro.RouteExplanation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an answer tells of its way, in headers. */
final class AnswerHeaders {

  private static final HeaderName POOL = HeaderNames.create("x-penstock-pool");
  private static final HeaderName MODEL = HeaderNames.create("x-penstock-model");
  private static final HeaderName ROUTE = HeaderNames.create("x-penstock-route");
  private static final HeaderName WARNINGS = HeaderNames.create("x-penstock-warnings");
  private static final HeaderName RETRY_AFTER_MS = HeaderNames.create("retry-after-ms");

  private AnswerHeaders() {}

  /** The headers of a whole answer. */
  static void of(ReplyFinished reply, ServerResponse response) {
    if (reply.getPool() != null) {
      response.header(POOL, reply.getPool());
    }
    if (reply.getUpstreamModel() != null) {
      response.header(MODEL, reply.getUpstreamModel());
    }
    way(reply.getExplanation(), reply.getWarnings(), response);
    var retryAfter = reply.getRetryAfterMs();
    if (retryAfter != null) {
      response.header(
          HeaderNames.RETRY_AFTER, Long.toString(Math.max(1, (retryAfter + 999) / 1000)));
      response.header(RETRY_AFTER_MS, Long.toString(retryAfter));
    }
  }

  /** The headers of a stream. */
  static void of(ReplyHead head, ServerResponse response) {
    response.header(POOL, head.getPool());
    response.header(MODEL, head.getUpstreamModel());
    way(head.getExplanation(), head.getWarnings(), response);
  }

  private static void way(
      @Nullable RouteExplanation explanation, List<String> warnings, ServerResponse response) {
    if (explanation != null) {
      response.header(ROUTE, RouteHeader.json(explanation));
    }
    if (!warnings.isEmpty()) {
      response.header(WARNINGS, RouteHeader.warnings(warnings));
    }
  }
}
