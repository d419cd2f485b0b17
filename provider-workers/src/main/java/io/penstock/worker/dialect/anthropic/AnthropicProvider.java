package io.penstock.worker.dialect.anthropic;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.ProviderDialect;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.openai.RequestSplice;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Anthropic's Messages, and every server that speaks them. */
public final class AnthropicProvider implements ProviderDialect {

  private static final String VERSION = "2023-06-01";

  @Override
  public String name() {
    return AnswerReader.NAME;
  }

  @Override
  public boolean speaks(Surface surface) {
    return surface == Surface.ANTHROPIC_MESSAGES;
  }

  @Override
  public String path(Surface surface, String upstreamModel, boolean stream, Endpoint endpoint) {
    return switch (surface) {
      case OPENAI_CHAT, OPENAI_RESPONSES, ANTHROPIC_MESSAGES -> "/messages";
      case OPENAI_EMBEDDINGS, UNKNOWN ->
          throw new UnsupportedCallException(
              "this pool does not speak " + surface.name().toLowerCase(Locale.ROOT));
    };
  }

  @Override
  public Map<String, String> headers(@Nullable String credential) {
    return credential == null
        ? Map.of("anthropic-version", VERSION)
        : Map.of("anthropic-version", VERSION, "x-api-key", credential);
  }

  @Override
  public byte[] passThrough(CallAssigned call, byte[] body, Endpoint endpoint) {
    return RequestSplice.splice(
        withoutForeignState(body), call.getUpstreamModel(), "max_tokens", limit(call));
  }

  /** Nothing of the caller's is touched, only what we put there ourselves for other providers. */
  private static byte[] withoutForeignState(byte[] body) {
    if (!SealedState.mayBeIn(body)) {
      return body;
    }
    var request = Trees.objectOrNull(body);
    return request != null && SealedState.removeFrom(request) ? Trees.bytes(request) : body;
  }

  /** Anthropic refuses requests without a limit. */
  private static @Nullable Long limit(CallAssigned call) {
    var limit = call.getOutputTokensLimit();
    return limit == null && call.getFacts().getOutputTokensMax() == null
        ? (Long) RequestWriter.OUTPUT_TOKENS_DEFAULT
        : limit;
  }

  @Override
  public byte[] request(
      CallAssigned call, Prompt prompt, Endpoint endpoint, Unsupported unsupported) {
    return RequestWriter.write(call, prompt, endpoint, unsupported);
  }

  @Override
  public Read read(CallAssigned call, byte[] body, Instant now) {
    return AnswerReader.read(call, body, now);
  }

  @Override
  public StreamReader stream(CallAssigned call) {
    return new EventReader(call);
  }

  @Override
  public Reading.Failed readError(int status, Headers headers, byte[] body, Instant now) {
    return new Reading.Failed(FailureClassifier.classify(status, headers, body, now), null);
  }

  @Override
  public @Nullable String providerRequestId(Headers headers) {
    return headers.value("request-id");
  }
}
