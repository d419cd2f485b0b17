package io.penstock.ingress.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.answer.RateLimitHeaders;
import io.penstock.ingress.answer.RouteHeader;
import io.penstock.schemas.avro.RateLimitStatus;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.ReplyHead;
import io.penstock.schemas.avro.RouteExplanation;
import io.penstock.schemas.avro.Surface;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an answer tells of its way, and of how much may follow it, in headers. */
final class AnswerHeaders {

  private static final HeaderName POOL = HeaderNames.create("x-penstock-pool");
  private static final HeaderName MODEL = HeaderNames.create("x-penstock-model");
  private static final HeaderName ROUTE = HeaderNames.create("x-penstock-route");
  private static final HeaderName WARNINGS = HeaderNames.create("x-penstock-warnings");
  private static final HeaderName RETRY_AFTER_MS = HeaderNames.create("retry-after-ms");

  private AnswerHeaders() {}

  /** The headers of a whole answer. */
  static void of(Surface surface, ReplyFinished reply, Instant now, ServerResponse response) {
    limits(surface, reply.getRateLimits(), now, response);
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
  static void of(Surface surface, ReplyHead head, Instant now, ServerResponse response) {
    limits(surface, head.getRateLimits(), now, response);
    response.header(POOL, head.getPool());
    response.header(MODEL, head.getUpstreamModel());
    way(head.getExplanation(), head.getWarnings(), response);
  }

  private static void limits(
      Surface surface, @Nullable RateLimitStatus status, Instant now, ServerResponse response) {
    RateLimitHeaders.of(surface, status, now)
        .forEach((name, value) -> response.header(HeaderNames.create(name), value));
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
