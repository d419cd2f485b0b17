package io.penstock.ingress.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.ingress.accept.Caller;
import io.penstock.ingress.answer.ErrorBodies;
import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.http.PresentedKey;
import io.penstock.platform.id.Ids;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every route has in common: a request id, authentication, error envelopes. Thread-safe. */
public final class Routes {

  /** Header with the id of the request, on every answer. */
  public static final HeaderName REQUEST_ID = HeaderNames.create("x-request-id");

  /** Where Anthropic's client libraries look for it. */
  private static final HeaderName ANTHROPIC_REQUEST_ID = HeaderNames.create("request-id");

  /** Says, as Stripe does, that an answer was given before under the same idempotency key. */
  public static final HeaderName REPLAYED = HeaderNames.create("idempotent-replayed");

  private static final String MESSAGES = "/v1/messages";
  private static final Logger LOG = LoggerFactory.getLogger(Routes.class);
  private static final String JSON = "application/json";
  private static final int PATH_SHOWN_MAX = 200;
  private static final long UNREAD_BYTES_MAX = 64 << 20;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final Supplier<Catalog> catalog;
  private final ApiKeys apiKeys;
  private final Ids ids;
  private final Clock clock;
  private final RequestMeters meters;

  public Routes(
      Supplier<Catalog> catalog, ApiKeys apiKeys, Ids ids, Clock clock, MeterRegistry metrics) {
    this.catalog = catalog;
    this.apiKeys = apiKeys;
    this.ids = ids;
    this.clock = clock;
    this.meters = new RequestMeters(metrics);
  }

  /** Wraps a handler that needs to know its caller. */
  public Handler secured(SecuredHandler handler) {
    return metered(answering(handler));
  }

  private Handler metered(Handler handler) {
    return (request, response) -> {
      var started = System.nanoTime();
      var status = 0;
      try {
        handler.handle(request, response);
        status = response.status().code();
      } catch (HttpException e) {
        status = e.status().code();
        throw e;
      } catch (CloseConnectionException e) {
        status = response.isSent() ? response.status().code() : 0;
        throw e;
      } finally {
        meters.ended(request.path().path(), status, Duration.ofNanos(System.nanoTime() - started));
      }
    };
  }

  private Handler answering(SecuredHandler handler) {
    return (request, response) -> {
      var requestId = begin(request, response);
      try {
        handler.handle(authenticate(request), request, response);
      } catch (ApiException e) {
        refuse(request, response, e, requestId);
      } catch (HttpException | CloseConnectionException e) {
        // the connection or the framing is broken: the server knows what to do
        throw e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        refuse(
            request,
            response,
            new ApiException(ErrorCode.NOT_READY, "This instance is shutting down; ask again."),
            requestId);
      } catch (Exception e) {
        fail(request, response, e, requestId);
      }
    };
  }

  /** Answers 405 with what is allowed. */
  public Handler methodNotAllowed(String allowed) {
    return metered(
        (request, response) -> {
          var requestId = begin(request, response);
          response.header(HeaderNames.ALLOW, allowed);
          refuse(
              request,
              response,
              new ApiException(
                  ErrorCode.METHOD_NOT_ALLOWED,
                  "Not allowed: "
                      + request.prologue().method().text()
                      + ". Allowed here: "
                      + allowed
                      + "."),
              requestId);
        });
  }

  /** Answers 404: to be routed last. */
  public Handler notFound() {
    return metered(
        (request, response) ->
            refuse(
                request,
                response,
                new ApiException(
                    ErrorCode.NOT_FOUND,
                    "There is nothing at "
                        + request.prologue().method().text()
                        + " "
                        + shortened(request.path().path())
                        + baseUrlHint(request.path().path())),
                begin(request, response)));
  }

  /** Most paths that lead nowhere come from a base URL with a version too many or too few. */
  private static String baseUrlHint(String path) {
    return path.startsWith("/v1/") && !path.startsWith("/v1/v1/")
        ? "."
        : ": the base URL of OpenAI's clients ends with /v1, that of Anthropic's does not.";
  }

  private static String shortened(String path) {
    return path.length() <= PATH_SHOWN_MAX ? path : path.substring(0, PATH_SHOWN_MAX) + "…";
  }

  /** Words an error of a request that reached no route. */
  public static byte[] broken(int status, String path, String message) {
    var code =
        switch (status) {
          case 413 -> ErrorCode.REQUEST_TOO_LARGE;
          case 415 -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
          default -> status < 500 ? ErrorCode.INVALID_REQUEST : ErrorCode.INTERNAL_ERROR;
        };
    return ErrorBodies.json(surface(path), code, null, message, null);
  }

  private String begin(ServerRequest request, ServerResponse response) {
    var requestId = ids.next("req_", clock.instant());
    name(surface(request.path().path()), response, requestId);
    return requestId;
  }

  /** Whose envelope the errors of a path have to be in. */
  private static Surface surface(String path) {
    return path.equals(MESSAGES) || path.startsWith(MESSAGES + "/")
        ? Surface.ANTHROPIC_MESSAGES
        : Surface.OPENAI_CHAT;
  }

  private static void fail(
      ServerRequest request, ServerResponse response, Exception e, String requestId)
      throws Exception {
    if (e instanceof DataReader.InsufficientDataAvailableException) {
      // the server would take it for a failure of its own
      throw new CloseConnectionException("the body broke off");
    }
    if (e instanceof UncheckedIOException || response.isSent()) {
      // the caller has gone in the middle of the exchange: nobody is there to be told
      throw e;
    }
    if (diskIsFull(e)) {
      LOG.atWarn().addKeyValue(LogKeys.REQUEST, requestId).log("the disk is full");
      refuse(request, response, DiskReserve.refusal(), requestId);
      return;
    }
    LOG.atError().setCause(e).addKeyValue(LogKeys.REQUEST, requestId).log("request failed");
    refuse(
        request,
        response,
        new ApiException(
            ErrorCode.INTERNAL_ERROR, "Penstock failed; the request id helps us find out why."),
        requestId);
  }

  /** Java has no type for it, only the words of the operating system. */
  private static boolean diskIsFull(Exception e) {
    var message = e instanceof IOException ? String.valueOf(e.getMessage()) : "";
    return message.contains("No space left on device") || message.contains("Disk quota exceeded");
  }

  /** The id that {@link #secured} gave to the request that is being answered. */
  public static String requestId(ServerResponse response) {
    return response.headers().get(REQUEST_ID).get();
  }

  /** Says in the head of an answer that it is the one that an earlier request was given. */
  static void replayed(Surface surface, ServerResponse response, String requestId) {
    name(surface, response, requestId);
    response.header(REPLAYED, "true");
  }

  private static void name(Surface surface, ServerResponse response, String requestId) {
    response.header(REQUEST_ID, requestId);
    if (surface == Surface.ANTHROPIC_MESSAGES) {
      response.header(ANTHROPIC_REQUEST_ID, requestId);
    }
  }

  /** Sends JSON. */
  public static void json(ServerResponse response, int status, byte[] body) {
    response.status(Status.create(status));
    response.header(HeaderNames.CONTENT_TYPE, JSON);
    response.send(body);
  }

  private Caller authenticate(ServerRequest request) {
    var secret = PresentedKey.of(request.headers());
    if (secret == null) {
      throw new ApiException(ErrorCode.INVALID_API_KEY, PresentedKey.MISSING);
    }
    var key = apiKeys.authenticate(catalog.get(), secret, clock.instant());
    if (key == null) {
      throw new ApiException(ErrorCode.INVALID_API_KEY, PresentedKey.INCORRECT);
    }
    return new Caller(key);
  }

  private static void refuse(
      ServerRequest request, ServerResponse response, ApiException refusal, String requestId) {
    if (response.isSent()) {
      return;
    }
    var status = refusal.code().httpStatus();
    if (status == 429 || status == 503) {
      var wait = refusal.retryAfter() == null ? RETRY_AFTER : refusal.retryAfter();
      response.header(
          HeaderNames.RETRY_AFTER, Long.toString(Math.max(1, wait.plusMillis(999).toSeconds())));
    }
    var closing = unreadIsLarge(request);
    if (closing) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    json(
        response,
        status,
        ErrorBodies.json(
            surface(request.path().path()),
            refusal.code(),
            refusal.param(),
            refusal.message(),
            requestId));
    if (closing) {
      // the header alone makes the server neither close nor skip the rest: it would read it as the
      // next request
      throw new CloseConnectionException("refused before its body was read");
    }
  }

  /**
   * The server reads what a handler left unread, to keep the connection: not worth it for a large
   * rest.
   */
  private static boolean unreadIsLarge(ServerRequest request) {
    var content = request.content();
    return content.hasEntity()
        && !content.consumed()
        && request.headers().contentLength().orElse(Long.MAX_VALUE) > UNREAD_BYTES_MAX;
  }
}
