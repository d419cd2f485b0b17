package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.FailureClassifier;
import io.penstock.worker.dialect.ProviderDialect;
import io.penstock.worker.dialect.ServerSentEvent;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Reads one stream of chat completion chunks, from any of the servers. Used by one thread. */
final class ChunkReader implements ProviderDialect.StreamReader {

  private final List<StreamEvent> out = new ArrayList<>();
  private final TreeMap<Integer, ChoiceReader> choices = new TreeMap<>();

  private boolean started;
  private boolean usageTold;

  @Override
  public List<StreamEvent> read(ServerSentEvent event) {
    out.clear();
    var text = new String(event.data(), StandardCharsets.UTF_8).strip();
    if (text.equals("[DONE]")) {
      end();
    } else if (!text.isEmpty()) {
      var chunk = Trees.objectOrNull(event.data());
      if (chunk == null) {
        out.add(
            new StreamEvent.Broken(
                FailureClassifier.unusable(
                    200, "an event of the stream is not a JSON object", event.data())));
      } else {
        chunk(event, chunk);
      }
    }
    return List.copyOf(out);
  }

  /**
   * Some servers end without a word on why the model stopped. Their end mark is believed where they
   * also counted the tokens, which they do not do for an answer that broke off.
   */
  private void end() {
    if (usageTold) {
      choices.values().forEach(choice -> choice.finish(null, null, out));
    }
    out.add(new StreamEvent.Ended());
  }

  private void chunk(ServerSentEvent event, ObjectNode chunk) {
    var usage = ChatAnswerReader.usage(chunk, event.data());
    if (isError(event, chunk)) {
      if (usage != null) {
        out.add(new StreamEvent.Used(usage));
      }
      out.add(new StreamEvent.Broken(FailureClassifier.classifyError200(errorBody(event, chunk))));
      return;
    }
    if (!started && (!chunk.path("choices").isEmpty() || !chunk.path("id").asText().isEmpty())) {
      started = true;
      out.add(new StreamEvent.Started(chunk.path("id").asText(), chunk.path("model").asText()));
    }
    for (var choice : chunk.path("choices")) {
      choice(choice);
    }
    if (usage != null) {
      usageTold = true;
      out.add(new StreamEvent.Used(usage));
    }
  }

  private static boolean isError(ServerSentEvent event, ObjectNode chunk) {
    return "error".equals(event.name())
        || chunk.hasNonNull("error")
        || chunk.path("x_groq").hasNonNull("error")
        // vLLM's errors are flat
        || chunk.path("object").asText().equals("error");
  }

  /** As the body of a refusal would have it. */
  private static byte[] errorBody(ServerSentEvent event, ObjectNode chunk) {
    if (!chunk.hasNonNull("error") && chunk.path("x_groq").hasNonNull("error")) {
      return Trees.bytes(Trees.object().set("error", chunk.path("x_groq").get("error")));
    }
    return event.data();
  }

  private void choice(JsonNode choice) {
    var index = choice.path("index").asInt(0);
    var reader = choices.computeIfAbsent(index, ChoiceReader::new);
    var delta = choice.path("delta").isObject() ? choice.path("delta") : choice.path("message");
    reader.delta(delta, out);
    var finish = Trees.nonEmptyOrNull(choice.path("finish_reason"));
    if (finish == null) {
      return;
    }
    if (Finishes.failed(finish)) {
      out.add(new StreamEvent.Broken(Finishes.failure(finish)));
      return;
    }
    reader.finish(finish, ChatAnswerReader.nativeFinish(choice, finish), out);
  }
}
