package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;

/** Mistral's content as a list of parts, with thoughts among them. */
final class MistralContent {

  private MistralContent() {}

  /** The text of a thinking part, which is itself a list of parts. */
  static String thought(JsonNode part) {
    var thinking = part.path("thinking");
    if (thinking.isTextual()) {
      return thinking.textValue();
    }
    var text = new StringBuilder();
    for (var piece : thinking) {
      text.append(piece.path("text").asText());
    }
    return text.toString();
  }
}
