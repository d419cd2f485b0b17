package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Message.Output;
import java.util.List;

/** Writes whole answers for callers of chat completions. */
final class ChatAnswer {

  private ChatAnswer() {}

  static byte[] write(Answer answer) {
    var json =
        Trees.object()
            .put("id", answer.id())
            .put("object", "chat.completion")
            .put("created", answer.createdAt().getEpochSecond())
            .put("model", answer.model());
    var choices = json.putArray("choices");
    for (var choice : answer.choices()) {
      choices.add(choice(choices.size(), choice));
    }
    json.set("usage", ChatUsage.json(answer.usage()));
    var tier = ServiceTiers.told(answer.serviceTier());
    if (tier != null) {
      json.put("service_tier", tier);
    }
    return Trees.bytes(json);
  }

  private static ObjectNode choice(int index, Answer.Choice choice) {
    var json = Trees.object().put("index", index);
    json.set("message", message(choice.outputs()));
    json.set("logprobs", choice.logprobs());
    json.put("finish_reason", choice.finish().openAi());
    if (choice.nativeFinish() != null) {
      json.put("native_finish_reason", choice.nativeFinish());
    }
    return json;
  }

  private static ObjectNode message(List<Output> outputs) {
    var json = Trees.object().put("role", "assistant");
    var said = new StringBuilder();
    var refused = new StringBuilder();
    var says = false;
    var calls = Trees.NODES.arrayNode();
    for (var output : outputs) {
      switch (output) {
        case Output.Said(var text) -> {
          says = true;
          said.append(text);
        }
        case Output.Refused(var text) -> refused.append(text);
        case Output.Thought _ -> {}
        case Output.Called called -> calls.add(call(called));
      }
    }
    // the specification wants both, null where there is nothing
    json.put("content", says || (calls.isEmpty() && refused.isEmpty()) ? said.toString() : null);
    json.put("refusal", refused.isEmpty() ? null : refused.toString());
    ThoughtJson.write(json, outputs);
    return withCalls(json, calls);
  }

  private static ObjectNode withCalls(ObjectNode message, ArrayNode calls) {
    if (!calls.isEmpty()) {
      message.set("tool_calls", calls);
    }
    return message;
  }

  /** A tool call in a message. */
  static ObjectNode call(Output.Called called) {
    var json = Trees.object().put("id", called.id()).put("type", "function");
    json.putObject("function").put("name", called.name()).put("arguments", called.arguments());
    CallState.write(json, called.state());
    return json;
  }
}
