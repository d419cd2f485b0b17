package io.penstock.simulator.http;

import io.helidon.http.DirectHandler;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.DirectHandler.TransportResponse;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.Ticker;
import io.penstock.simulator.calls.CallLog;
import io.penstock.simulator.limit.RateLimiter;
import io.penstock.simulator.openai.ChatReader;
import io.penstock.simulator.openai.EmbeddingsReader;
import io.penstock.simulator.openai.JsonBytes;
import io.penstock.simulator.openai.ModelsWriter;
import io.penstock.simulator.openai.OpenAiError;
import java.util.List;
import java.util.Set;

/** The provider's own surface, and its errors for whatever fits none of it. */
public final class ProviderRoutes {
  private static final List<String> MODELS_SHOWN =
      List.of("gpt-4o", "gpt-4o-mini", "text-embedding-3-small");
  private static final String CHAT = "/v1/chat/completions";
  private static final String EMBEDDINGS = "/v1/embeddings";
  private static final String MODELS = "/v1/models";
  private static final String HEALTH = "/health";
  private static final Set<String> PATHS = Set.of(CHAT, EMBEDDINGS, MODELS, HEALTH);

  private ProviderRoutes() {}

  /**
   * Adds the surface.
   *
   * @param received told of every inference call
   */
  public static void addTo(
      HttpRouting.Builder routing,
      SimulatorConfig config,
      Ticker ticker,
      CallLog log,
      RateLimiter limiter,
      Connections connections,
      Runnable received) {
    routing
        .post(
            CHAT,
            new CallHandler(config, ticker, log, limiter, connections, ChatReader::parse, received))
        .post(
            EMBEDDINGS,
            new CallHandler(
                config, ticker, log, limiter, connections, EmbeddingsReader::parse, received))
        .get(MODELS, models(config))
        .get(HEALTH, (_, response) -> send(response, 200, CallsJson.status("ok")));
  }

  /** Adds the answer to every other path; must come last. */
  public static void addUnknownTo(HttpRouting.Builder routing) {
    routing.any(ProviderRoutes::unknown);
  }

  /** Errors that the server itself finds, before a route is chosen. */
  public static DirectHandlers directHandlers(long bodyBytesMax) {
    DirectHandler handler =
        (_, _, status, headers, message) -> {
          var error =
              status.code() == Status.REQUEST_ENTITY_TOO_LARGE_413.code()
                  ? OpenAiError.bodyTooLarge(bodyBytesMax)
                  : new OpenAiError(
                      status.code(),
                      String.valueOf(message),
                      status.code() < 500 ? "invalid_request_error" : "server_error",
                      null,
                      null);
          headers.set(Names.JSON);
          return TransportResponse.builder()
              .status(status)
              .headers(headers)
              .entity(error.body().copy())
              .build();
        };
    return DirectHandlers.builder()
        .addHandler(EventType.BAD_REQUEST, handler)
        .addHandler(EventType.INTERNAL_ERROR, handler)
        .addHandler(EventType.OTHER, handler)
        .build();
  }

  private static Handler models(SimulatorConfig config) {
    var body =
        ModelsWriter.write(
            config.models().isEmpty() ? MODELS_SHOWN : config.models(), 1_700_000_000);
    return (request, response) -> {
      var keyError = CallHandler.keyError(config, request);
      if (keyError.isPresent()) {
        send(response, keyError.get().status(), keyError.get().body());
      } else {
        send(response, 200, body);
      }
    };
  }

  private static void unknown(ServerRequest request, ServerResponse response) {
    var method = request.prologue().method().text();
    var path = request.path().path();
    var error =
        PATHS.contains(path)
            ? OpenAiError.methodNotAllowed(method, path)
            : OpenAiError.pathUnknown(method, path);
    send(response, error.status(), error.body());
  }

  private static void send(ServerResponse response, int status, JsonBytes body) {
    response.status(status);
    response.header(Names.JSON);
    response.send(body.array(), 0, body.length());
  }
}
