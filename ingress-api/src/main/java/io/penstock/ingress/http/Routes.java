package io.penstock.ingress.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.accept.Caller;
import io.penstock.ingress.answer.ErrorEnvelope;
import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.id.Ids;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.ErrorCode;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every route has in common: a request id, authentication, error envelopes. Thread-safe. */
public final class Routes {

  /** Header with the id of the request, on every answer. */
  public static final HeaderName REQUEST_ID = HeaderNames.create("x-request-id");

  private static final Logger LOG = LoggerFactory.getLogger(Routes.class);
  private static final String JSON = "application/json";
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final Supplier<Catalog> catalog;
  private final ApiKeys apiKeys;
  private final Ids ids;
  private final Clock clock;

  public Routes(Supplier<Catalog> catalog, ApiKeys apiKeys, Ids ids, Clock clock) {
    this.catalog = catalog;
    this.apiKeys = apiKeys;
    this.ids = ids;
    this.clock = clock;
  }

  /** Wraps a handler that needs to know its caller. */
  public Handler secured(SecuredHandler handler) {
    return (request, response) -> {
      var requestId = ids.next("req_", clock.instant());
      response.header(REQUEST_ID, requestId);
      try {
        handler.handle(authenticate(request), request, response);
      } catch (ApiException e) {
        refuse(response, e, requestId);
      } catch (Exception e) {
        LOG.atError().setCause(e).addKeyValue(LogKeys.REQUEST, requestId).log("request failed");
        refuse(
            response,
            new ApiException(ErrorCode.INTERNAL_ERROR, "Penstock failed; the request id helps us find out why."),
            requestId);
      }
    };
  }

  /** The id that {@link #secured} gave to the request that is being answered. */
  public static String requestId(ServerResponse response) {
    return response.headers().get(REQUEST_ID).get();
  }

  /** Sends JSON. */
  public static void json(ServerResponse response, int status, byte[] body) {
    response.status(Status.create(status));
    response.header(HeaderNames.CONTENT_TYPE, JSON);
    response.send(body);
  }

  private Caller authenticate(ServerRequest request) {
    var secret = Credentials.of(request.headers());
    if (secret == null || secret.isEmpty()) {
      throw new ApiException(
          ErrorCode.INVALID_API_KEY,
          "You didn't provide an API key. Send it as 'Authorization: Bearer YOUR_KEY' or in x-api-key.");
    }
    var key = apiKeys.authenticate(catalog.get(), secret, clock.instant());
    if (key == null) {
      throw new ApiException(ErrorCode.INVALID_API_KEY, "Incorrect API key provided.");
    }
    return new Caller(key);
  }

  static void refuse(ServerResponse response, ApiException refusal, @Nullable String requestId) {
    if (response.isSent()) {
      return;
    }
    var status = refusal.code().httpStatus();
    if (status == 429 || status == 503) {
      var wait = refusal.retryAfter() == null ? RETRY_AFTER : refusal.retryAfter();
      response.header(HeaderNames.RETRY_AFTER, Long.toString(Math.max(1, wait.plusMillis(999).toSeconds())));
    }
    json(
        response,
        status,
        ErrorEnvelope.json(refusal.code(), refusal.param(), refusal.message(), requestId));
  }
}
