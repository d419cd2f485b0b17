package io.penstock.simulator.openai;

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

/**
 * OpenAI's surfaces, and Azure's.
 *
 * @param surface one of those
 */
public record OpenAiDialect(Surface surface) implements Dialect {

  @Override
  public InferenceRequest read(byte[] body, Target target) {
    return switch (surface) {
      case OPENAI_EMBEDDINGS, AZURE_EMBEDDINGS -> EmbeddingsReader.parse(body, target);
      case OPENAI_RESPONSES -> ResponsesReader.parse(body);
      case OPENAI_CHAT, AZURE_CHAT, ANTHROPIC, GEMINI, GEMINI_EMBEDDINGS ->
          ChatReader.parse(body, target);
    };
  }

  @Override
  public JsonBytes whole(Answer answer, Telling telling) {
    return surface == Surface.OPENAI_RESPONSES
        ? ResponsesWriter.write(answer, telling)
        : ChatWriter.write(answer, telling, flavour());
  }

  @Override
  public EventWriter events(Answer answer, Telling telling) {
    return surface == Surface.OPENAI_RESPONSES
        ? new ResponsesEvents(answer, telling)
        : new ChunkWriter(answer, telling, flavour());
  }

  @Override
  public JsonBytes embeddings(Embeddings request, long seed, Telling telling) {
    return EmbeddingsWriter.write(request, seed, telling);
  }

  @Override
  public ErrorBody refusal(Problem problem, String requestId) {
    return OpenAiErrors.body(problem);
  }

  @Override
  public ErrorBody trouble(Trouble trouble, Situation situation) {
    if (trouble == Trouble.POLICY && flavour() == Flavour.AZURE) {
      return AzureErrors.filtered();
    }
    return OpenAiErrors.of(trouble, situation);
  }

  @Override
  public void errorEvent(Fault fault, ErrorBody error, JsonBytes out) {
    if (surface == Surface.OPENAI_RESPONSES) {
      ResponsesEvents.error(out);
      return;
    }
    var text = new String(error.body().copy(), UTF_8);
    var frame =
        switch (fault) {
          case ERROR_EVENT -> "event: error\ndata: " + text;
          case ERROR_FINISH ->
              "data: {\"id\":\"gen-0\",\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":\"m\","
                  + "\"provider\":\"simulator\",\"error\":{\"code\":502,\"message\":\"Provider disconnected\"},"
                  + "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
                  + "\"finish_reason\":\"error\",\"native_finish_reason\":null}]}";
          case ERROR_GROQ ->
              "data: {\"id\":\"chatcmpl-0\",\"object\":\"chat.completion.chunk\",\"created\":0,"
                  + "\"model\":\"m\",\"choices\":[],\"x_groq\":{\"error\":\"the model failed\"}}";
          default -> "data: " + text;
        };
    out.write((frame + "\n\n").getBytes(UTF_8));
  }

  @Override
  public void endMarker(JsonBytes out) {
    if (surface != Surface.OPENAI_RESPONSES) {
      out.write(ChunkWriter.DONE);
    }
  }

  private Flavour flavour() {
    return surface == Surface.AZURE_CHAT || surface == Surface.AZURE_EMBEDDINGS
        ? Flavour.AZURE
        : Flavour.OPENAI;
  }
}
