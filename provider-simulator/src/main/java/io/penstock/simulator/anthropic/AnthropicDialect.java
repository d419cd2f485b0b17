package io.penstock.simulator.anthropic;

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

/** Anthropic's messages. */
public record AnthropicDialect() implements Dialect {
  @Override
  public Surface surface() {
    return Surface.ANTHROPIC;
  }

  @Override
  public InferenceRequest read(byte[] body, Target target) {
    return MessagesReader.parse(body);
  }

  @Override
  public JsonBytes whole(Answer answer, Telling telling) {
    return MessagesWriter.write(answer, telling);
  }

  @Override
  public EventWriter events(Answer answer, Telling telling) {
    return new MessagesEvents(answer, telling);
  }

  @Override
  public JsonBytes embeddings(Embeddings request, long seed, Telling telling) {
    throw new IllegalStateException("Anthropic has no embeddings");
  }

  @Override
  public ErrorBody refusal(Problem problem, String requestId) {
    return AnthropicErrors.of(problem, requestId);
  }

  @Override
  public ErrorBody trouble(Trouble trouble, Situation situation) {
    return AnthropicErrors.of(trouble, situation);
  }

  @Override
  public void errorEvent(Fault fault, ErrorBody error, JsonBytes out) {
    out.write("event: error\ndata: ".getBytes(UTF_8));
    out.write(error.body().array(), 0, error.body().length());
    out.write("\n\n".getBytes(UTF_8));
  }

  @Override
  public void endMarker(JsonBytes out) {
    out.write(MessagesEvents.STOP);
  }
}
