package io.penstock.worker.dialect.gemini;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.ProviderDialect;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Prompt;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Google's Gemini, with a key of AI Studio. */
public final class GeminiProvider implements ProviderDialect {

  private static final Embeddings EMBEDDINGS = new GeminiEmbeddings();

  @Override
  public String name() {
    return Signatures.PROVIDER;
  }

  /** No caller speaks it. */
  @Override
  public boolean speaks(Surface surface) {
    return false;
  }

  @Override
  public String path(Surface surface, String upstreamModel, boolean stream, Endpoint endpoint) {
    return switch (surface) {
      case OPENAI_CHAT, OPENAI_RESPONSES, ANTHROPIC_MESSAGES ->
          model(upstreamModel) + (stream ? ":streamGenerateContent?alt=sse" : ":generateContent");
      case OPENAI_EMBEDDINGS -> model(upstreamModel) + ":batchEmbedContents";
      case UNKNOWN -> throw new UnsupportedCallException("this pool does not speak unknown");
    };
  }

  /** The path of a model; names may say what kind of model it is. */
  private static String model(String name) {
    if (name.startsWith("tunedModels/")) {
      return "/tunedModels/" + encoded(name.substring("tunedModels/".length()));
    }
    return "/models/"
        + encoded(name.startsWith("models/") ? name.substring("models/".length()) : name);
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** In a header and never in the address, which ends up in logs. */
  @Override
  public Map<String, String> headers(@Nullable String credential) {
    return credential == null ? Map.of() : Map.of("x-goog-api-key", credential);
  }

  @Override
  public byte[] passThrough(CallAssigned call, byte[] body, Endpoint endpoint) {
    throw new UnsupportedCallException("no caller speaks Gemini's language");
  }

  @Override
  public byte[] request(
      CallAssigned call, Prompt prompt, Endpoint endpoint, Unsupported unsupported) {
    return RequestWriter.write(call, prompt, unsupported);
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

  /** In the body only, as the id of the answer. */
  @Override
  public @Nullable String providerRequestId(Headers headers) {
    return null;
  }

  @Override
  public Embeddings embeddings() {
    return EMBEDDINGS;
  }
}
