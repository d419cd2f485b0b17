package io.penstock.worker.dialect.openai;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.Json;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.dialect.UsageEstimate;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads whole answers that go to callers of the same language as they are. */
final class PassedAnswer {

  private PassedAnswer() {}

  static Reading read(CallAssigned call, byte[] request, byte[] body) {
    AnswerScan scan;
    try {
      scan = AnswerScan.of(body);
    } catch (IOException e) {
      return unusable(
          call, body.length == 0 ? "the answer is empty" : "the answer is not JSON", body, null);
    }
    var chat = call.getSurface() == Surface.OPENAI_CHAT;
    if (scan.error) {
      return new Reading.Failed(
          FailureClassifier.classifyError200(body), scan.usage == null ? null : usage(call, scan));
    }
    if ((chat ? scan.choices : scan.vectors) == 0) {
      return unusable(call, "the answer holds no answer", body, scan);
    }
    return chat ? chat(call, body, scan) : vectors(call, request, body, scan);
  }

  private static Reading chat(CallAssigned call, byte[] body, AnswerScan scan) {
    var finish = scan.finishReason;
    if (finish != null && Finishes.failed(finish)) {
      return new Reading.Failed(Finishes.failure(finish), usage(call, scan));
    }
    // a model that ran into its limit while thinking has said nothing, and rightly so
    if (!scan.content && "stop".equals(finish)) {
      return unusable(call, "the model says it is done but said nothing", body, scan);
    }
    return new Reading.Usable(
        usage(call, scan), finish == null || finish.isEmpty() ? null : finish, body);
  }

  private static Reading vectors(CallAssigned call, byte[] request, byte[] body, AnswerScan scan) {
    var asAsked = scan.vectorIsText == EmbeddingsConversion.wantsBase64(request);
    return new Reading.Usable(
        usage(call, scan), null, asAsked ? body : EmbeddingsConversion.converted(body));
  }

  private static Reading.Failed unusable(
      CallAssigned call, String message, byte[] body, @Nullable AnswerScan scan) {
    return new Reading.Failed(
        FailureClassifier.unusable(200, message, body),
        scan == null ? UsageEstimate.of(call.getFacts(), null, null) : usage(call, scan));
  }

  private static TokenUsage usage(CallAssigned call, AnswerScan scan) {
    var raw = scan.usage;
    if (raw != null) {
      try {
        var usage = OpenAiUsage.of(Json.MAPPER.readTree(raw), raw);
        if (usage != null) {
          usage.setServiceTier(scan.serviceTier);
          return usage;
        }
      } catch (IOException e) {
        throw new IllegalStateException("what was scanned can be read", e);
      }
    }
    var outputBytes = call.getSurface() == Surface.OPENAI_CHAT ? (Long) scan.textBytes : null;
    return UsageEstimate.of(call.getFacts(), outputBytes, raw);
  }
}
