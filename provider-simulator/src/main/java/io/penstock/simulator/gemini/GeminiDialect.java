package io.penstock.simulator.gemini;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.behaviour.Trouble;
import io.penstock.simulator.calls.Surface;
import io.penstock.simulator.dialect.Dialect;
import io.penstock.simulator.dialect.ErrorBody;
import io.penstock.simulator.dialect.EventWriter;
import io.penstock.simulator.dialect.Situation;
import io.penstock.simulator.dialect.Target;
import io.penstock.simulator.dialect.Telling;
import io.penstock.simulator.inference.Answer;
import io.penstock.simulator.inference.InferenceRequest;
import io.penstock.simulator.inference.InferenceRequest.Embeddings;
import io.penstock.simulator.inference.Problem;
import io.penstock.simulator.json.JsonBytes;
import io.penstock.simulator.limit.Admission;
import java.time.Duration;
import java.util.Optional;

/**
 * Gemini's methods of a model.
 *
 * @param method one of those
 */
public record GeminiDialect(Method method) implements Dialect {
  /** What is asked of a model. */
  public enum Method {
    /** {@code generateContent} and its stream. */
    GENERATE,
    /** {@code embedContent}. */
    EMBED,
    /** {@code batchEmbedContents}. */
    EMBED_BATCH
  }

  @Override
  public Surface surface() {
    return method == Method.GENERATE ? Surface.GEMINI : Surface.GEMINI_EMBEDDINGS;
  }

  @Override
  public InferenceRequest read(byte[] body, Target target) {
    return method == Method.GENERATE
        ? GenerateReader.parse(body, target)
        : EmbedReader.parse(body, target);
  }

  @Override
  public JsonBytes whole(Answer answer, Telling telling) {
    return GenerateWriter.write(answer, telling);
  }

  @Override
  public EventWriter events(Answer answer, Telling telling) {
    return new GenerateEvents(answer, telling);
  }

  @Override
  public JsonBytes embeddings(Embeddings request, long seed, Telling telling) {
    return EmbedWriter.write(
        request, seed, method == Method.EMBED ? EmbedWriter.Form.ONE : EmbedWriter.Form.BATCH);
  }

  @Override
  public ErrorBody refusal(Problem problem, String requestId) {
    return GeminiErrors.of(problem);
  }

  @Override
  public ErrorBody limitReached(String model, Admission.Refused refused, String requestId) {
    return GeminiErrors.rate(
        Problem.limitReached(model, refused).message(),
        Optional.of(Duration.ofNanos(refused.waitNanos())));
  }

  @Override
  public ErrorBody trouble(Trouble trouble, Situation situation) {
    return GeminiErrors.of(trouble, situation);
  }

  @Override
  public void errorEvent(Fault fault, ErrorBody error, JsonBytes out) {
    if (fault == Fault.ERROR_EVENT) {
      out.write("event: error\r\n".getBytes(UTF_8));
    }
    out.write("data: ".getBytes(UTF_8));
    out.write(error.body().array(), 0, error.body().length());
    out.write("\r\n\r\n".getBytes(UTF_8));
  }

  @Override
  public void endMarker(JsonBytes out) {
    // There is none.
  }
}
