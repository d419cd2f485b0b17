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
import io.penstock.simulator.anthropic.AnthropicDialect;
import io.penstock.simulator.calls.Surface;
import io.penstock.simulator.dialect.Target;
import io.penstock.simulator.inference.Problem;
import io.penstock.simulator.json.JsonBytes;
import io.penstock.simulator.openai.ModelsWriter;
import io.penstock.simulator.openai.OpenAiDialect;
import java.util.List;
import java.util.Set;

/** The provider's own surface, and its errors for whatever fits none of it. */
public final class ProviderRoutes {
  private static final List<String> MODELS_SHOWN =
      List.of("gpt-4o", "gpt-4o-mini", "text-embedding-3-small");
  private static final String CHAT = "/v1/chat/completions";
  private static final String RESPONSES = "/v1/responses";
  private static final String EMBEDDINGS = "/v1/embeddings";
  private static final String MESSAGES = "/v1/messages";
  private static final String MODELS = "/v1/models";
  private static final String HEALTH = "/health";
  private static final String AZURE = "/openai";
  private static final String DEPLOYMENT = AZURE + "/deployments/{name}";
  private static final Set<String> PATHS =
      Set.of(CHAT, RESPONSES, EMBEDDINGS, MESSAGES, MODELS, HEALTH);

  private ProviderRoutes() {}

  /** Adds the surface. */
  public static void addTo(HttpRouting.Builder routing, Desk desk) {
    var keys = new KeyRing(desk.config().access().keys());
    var chat = new CallHandler(desk, keys, new OpenAiDialect(Surface.OPENAI_CHAT));
    var responses = new CallHandler(desk, keys, new OpenAiDialect(Surface.OPENAI_RESPONSES));
    var embeddings = new CallHandler(desk, keys, new OpenAiDialect(Surface.OPENAI_EMBEDDINGS));
    var azureChat = new CallHandler(desk, keys, new OpenAiDialect(Surface.AZURE_CHAT));
    var azureEmbeddings = new CallHandler(desk, keys, new OpenAiDialect(Surface.AZURE_EMBEDDINGS));
    var messages = new CallHandler(desk, keys, new AnthropicDialect());
    routing
        .post(CHAT, pathless(chat))
        .post(RESPONSES, pathless(responses))
        .post(EMBEDDINGS, pathless(embeddings))
        .post(MESSAGES, pathless(messages))
        .post(AZURE + CHAT, pathless(azureChat))
        .post(AZURE + RESPONSES, pathless(responses))
        .post(AZURE + EMBEDDINGS, pathless(azureEmbeddings))
        .post(DEPLOYMENT + "/chat/completions", deployed(azureChat))
        .post(DEPLOYMENT + "/embeddings", deployed(azureEmbeddings))
        .post("/v1beta/models/{+method}", new GeminiRoute(desk, keys)::handle)
        .get(MODELS, models(desk, keys))
        .get(HEALTH, (_, response) -> send(response, 200, CallsJson.status("ok")));
  }

  private static Handler pathless(CallHandler handler) {
    return (request, response) -> handler.handle(request, response, Target.NONE);
  }

  private static Handler deployed(CallHandler handler) {
    return (request, response) ->
        handler.handle(request, response, Target.of(request.path().pathParameters().get("name")));
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
                  ? Problem.bodyTooLarge(bodyBytesMax)
                  : new Problem(
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

  private static Handler models(Desk desk, KeyRing keys) {
    var known = desk.config().models();
    var body = ModelsWriter.write(known.isEmpty() ? MODELS_SHOWN : known, 1_700_000_000);
    return (request, response) -> {
      int key = keys.number(request, Surface.OPENAI_CHAT);
      var keyError = keys.error(request, Surface.OPENAI_CHAT, key);
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
            ? Problem.methodNotAllowed(method, path)
            : Problem.pathUnknown(method, path);
    send(response, error.status(), error.body());
  }

  private static void send(ServerResponse response, int status, JsonBytes body) {
    response.status(status);
    response.header(Names.JSON);
    response.send(body.array(), 0, body.length());
  }
}
