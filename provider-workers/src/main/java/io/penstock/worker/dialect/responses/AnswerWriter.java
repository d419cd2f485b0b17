package io.penstock.worker.dialect.responses;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.openai.ServiceTiers;

/** Writes whole answers. */
final class AnswerWriter {

  private AnswerWriter() {}

  /** There is one choice on this surface. */
  static byte[] write(Answer answer) {
    var choice = answer.choices().getFirst();
    var id = ResponseObject.id(answer.id());
    var response = ResponseObject.begun(id, answer.model(), answer.createdAt().getEpochSecond());
    var output = ResponseObject.output(id, choice.outputs(), choice.finish());
    logprobs(output, choice);
    ResponseObject.end(response, choice.finish(), output, answer.usage());
    var tier = ServiceTiers.told(answer.serviceTier());
    if (tier != null) {
      response.put("service_tier", tier);
    }
    return Trees.bytes(response);
  }

  /** They belong to the text, which other providers give as one. */
  private static void logprobs(ArrayNode output, Answer.Choice choice) {
    if (choice.logprobs() == null || !choice.logprobs().path("content").isArray()) {
      return;
    }
    for (var item : output) {
      var part = item.path("content").path(0);
      if (part instanceof ObjectNode text && text.path("type").asText().equals("output_text")) {
        text.set("logprobs", choice.logprobs().path("content"));
        return;
      }
    }
  }
}
