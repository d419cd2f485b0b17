package io.penstock.simulator.http;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.simulator.dialect.Target;
import io.penstock.simulator.gemini.GeminiDialect;
import io.penstock.simulator.gemini.GeminiDialect.Method;
import io.penstock.simulator.inference.InferenceRequest.Delivery;
import io.penstock.simulator.inference.Problem;
import java.io.IOException;

/** Gemini's methods stand behind a colon in the path. Safe for concurrent use. */
final class GeminiRoute {
  private final CallHandler generate;
  private final CallHandler embed;
  private final CallHandler embedBatch;

  GeminiRoute(Desk desk, KeyRing keys) {
    this.generate = new CallHandler(desk, keys, new GeminiDialect(Method.GENERATE));
    this.embed = new CallHandler(desk, keys, new GeminiDialect(Method.EMBED));
    this.embedBatch = new CallHandler(desk, keys, new GeminiDialect(Method.EMBED_BATCH));
  }

  void handle(ServerRequest request, ServerResponse response) throws IOException {
    var text = request.path().pathParameters().get("method");
    int colon = text.lastIndexOf(':');
    var target = Target.of(text.substring(0, Math.max(0, colon)));
    switch (text.substring(colon + 1)) {
      case "generateContent" -> generate.handle(request, response, target.with(Delivery.WHOLE));
      case "streamGenerateContent" ->
          generate.handle(
              request,
              response,
              target.with(
                  request.query().first("alt").orElse("").equals("sse")
                      ? Delivery.STREAM_WITH_USAGE
                      : Delivery.STREAM_AS_ARRAY));
      case "embedContent" -> embed.handle(request, response, target);
      case "batchEmbedContents" -> embedBatch.handle(request, response, target);
      default -> {
        var error =
            new GeminiDialect(Method.GENERATE)
                .refusal(Problem.pathUnknown("POST", request.path().path()), "");
        new Exchange(request, response, new Connections()).send(error);
      }
    }
  }
}
