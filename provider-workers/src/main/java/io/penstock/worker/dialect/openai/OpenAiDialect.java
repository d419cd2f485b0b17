package io.penstock.worker.dialect.openai;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.Dialect;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.Json;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.dialect.UnsupportedCallException;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's chat completions and embeddings; callers' bodies pass through apart from the model name.
 */
public final class OpenAiDialect implements Dialect {

  /** Finish reasons that some servers give to what is really a failure. */
  private static final Set<String> FAILED_FINISHES =
      Set.of("error", "insufficient_system_resource");

  private static final String[] REQUEST_IDS = {
    "x-request-id", "apim-request-id", "request-id", "mistral-correlation-id", "inference-id"
  };

  @Override
  public String path(Surface surface) {
    return switch (surface) {
      case OPENAI_CHAT -> "/chat/completions";
      case OPENAI_EMBEDDINGS -> "/embeddings";
      case OPENAI_RESPONSES, ANTHROPIC_MESSAGES, UNKNOWN ->
          throw new UnsupportedCallException(
              "this pool does not speak " + surface.name().toLowerCase(java.util.Locale.ROOT));
    };
  }

  @Override
  public Map<String, String> credentialHeaders(@Nullable String credential) {
    return credential == null ? Map.of() : Map.of("authorization", "Bearer " + credential);
  }

  @Override
  public byte[] request(CallAssigned call, byte[] body, String host) {
    var limit = call.getSurface() == Surface.OPENAI_CHAT ? call.getOutputTokensLimit() : null;
    return RequestSplice.splice(body, call.getUpstreamModel(), limitField(host), limit);
  }

  /** OpenAI's reasoning models refuse the old name; most other servers know only that. */
  private static String limitField(String host) {
    return host.endsWith("openai.com") || host.endsWith(".azure.com")
        ? "max_completion_tokens"
        : "max_tokens";
  }

  @Override
  public Reading read(CallAssigned call, byte[] body) {
    AnswerScan scan;
    try {
      scan = AnswerScan.of(body);
    } catch (IOException e) {
      return unusable(
          call, body.length == 0 ? "the answer is empty" : "the answer is not JSON", body, null);
    }
    var answered = call.getSurface() == Surface.OPENAI_CHAT ? scan.choices : scan.vectors;
    if (scan.error) {
      return new Reading.Failed(
          FailureClassifier.classifyError200(body), scan.usage == null ? null : usage(call, scan));
    }
    if (answered == 0) {
      return unusable(call, "the answer holds no answer", body, scan);
    }
    if (call.getSurface() != Surface.OPENAI_CHAT) {
      return new Reading.Usable(usage(call, scan), null, body);
    }
    var finish = scan.finishReason;
    if (finish != null && FAILED_FINISHES.contains(finish)) {
      return new Reading.Failed(
          new Failure(
              FailureKind.SERVER_ERROR,
              200,
              finish,
              "the model stopped because the provider failed",
              null,
              null),
          usage(call, scan));
    }
    // a model that ran into its limit while thinking has said nothing, and rightly so
    if (!scan.content && "stop".equals(finish)) {
      return unusable(call, "the model says it is done but said nothing", body, scan);
    }
    return new Reading.Usable(
        usage(call, scan), finish == null || finish.isEmpty() ? null : finish, body);
  }

  private static Reading.Failed unusable(
      CallAssigned call, String message, byte[] body, @Nullable AnswerScan scan) {
    return new Reading.Failed(
        FailureClassifier.unusable(200, message, body),
        scan == null ? OpenAiUsage.estimate(call.getFacts(), null, null) : usage(call, scan));
  }

  private static TokenUsage usage(CallAssigned call, AnswerScan scan) {
    var raw = scan.usage;
    if (raw != null) {
      try {
        var usage = OpenAiUsage.of(Json.MAPPER.readTree(raw), raw);
        if (usage != null) {
          return usage;
        }
      } catch (IOException e) {
        throw new IllegalStateException("what was scanned can be read", e);
      }
    }
    var outputBytes = call.getSurface() == Surface.OPENAI_CHAT ? (Long) scan.textBytes : null;
    return OpenAiUsage.estimate(call.getFacts(), outputBytes, raw);
  }

  @Override
  public Reading.Failed readError(int status, Headers headers, byte[] body, Instant now) {
    return new Reading.Failed(FailureClassifier.classify(status, headers, body, now), null);
  }

  @Override
  public TokenUsage estimate(CallAssigned call, byte[] part) {
    return OpenAiUsage.estimate(
        call.getFacts(), part.length == 0 ? null : (Long) (long) part.length, null);
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
