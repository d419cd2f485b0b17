package io.penstock.worker.dialect.openai;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.ProviderDialect;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.responses.ResponsesProvider;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** OpenAI's chat completions and embeddings, and every server that speaks them. */
public final class OpenAiProvider implements ProviderDialect {

  private static final String[] REQUEST_IDS = {
    "x-request-id", "apim-request-id", "request-id", "mistral-correlation-id", "inference-id"
  };

  private final ResponsesProvider responses = new ResponsesProvider(this, _ -> "/responses");

  @Override
  public String name() {
    return ThoughtJson.NAME;
  }

  @Override
  public boolean speaks(Surface surface) {
    return surface == Surface.OPENAI_CHAT || surface == Surface.OPENAI_EMBEDDINGS;
  }

  /** Few of the many servers have responses, too. */
  @Override
  public @Nullable ProviderDialect speaking(Surface surface, Endpoint endpoint) {
    if (surface == Surface.OPENAI_RESPONSES) {
      return Quirks.hasResponses(endpoint.host()) ? responses : null;
    }
    return speaks(surface) ? this : null;
  }

  @Override
  public String path(Surface surface, String upstreamModel, boolean stream, Endpoint endpoint) {
    return switch (surface) {
      case OPENAI_CHAT, OPENAI_RESPONSES, ANTHROPIC_MESSAGES -> "/chat/completions";
      case OPENAI_EMBEDDINGS -> "/embeddings";
      case UNKNOWN ->
          throw new UnsupportedCallException(
              "this pool does not speak " + surface.name().toLowerCase(Locale.ROOT));
    };
  }

  @Override
  public Map<String, String> headers(@Nullable String credential) {
    return credential == null ? Map.of() : Map.of("authorization", "Bearer " + credential);
  }

  @Override
  public byte[] passThrough(CallAssigned call, byte[] body, Endpoint endpoint) {
    var quirks = Quirks.of(endpoint.host());
    var model = call.getUpstreamModel();
    if (call.getSurface() != Surface.OPENAI_CHAT) {
      return RequestSplice.splice(body, model, quirks.limitField(), null);
    }
    var limit = call.getOutputTokensLimit();
    return call.getFacts().getStream() && !quirks.tellsUsage()
        ? RequestSplice.spliceStream(body, model, quirks.limitField(), limit)
        : RequestSplice.splice(body, model, quirks.limitField(), limit);
  }

  @Override
  public byte[] request(
      CallAssigned call, Prompt prompt, Endpoint endpoint, Unsupported unsupported) {
    return ChatRequest.write(call, prompt, endpoint, unsupported);
  }

  @Override
  public Read read(CallAssigned call, byte[] body, Instant now) {
    return ChatAnswerReader.read(call, body, now);
  }

  /** In one pass, and without a tree unless vectors have to be converted. */
  @Override
  public Reading readPassed(CallAssigned call, byte[] request, byte[] body, Instant now) {
    return PassedAnswer.read(call, request, body);
  }

  @Override
  public StreamReader stream(CallAssigned call) {
    return new ChunkReader();
  }

  @Override
  public Reading.Failed readError(int status, Headers headers, byte[] body, Instant now) {
    return new Reading.Failed(FailureClassifier.classify(status, headers, body, now), null);
  }

  @Override
  public @Nullable String providerRequestId(Headers headers) {
    for (var name : REQUEST_IDS) {
      var id = headers.value(name);
      if (id != null) {
        return id;
      }
    }
    return null;
  }
}
