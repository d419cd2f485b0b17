package io.penstock.standalone.demo;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The prompts of a demo without an input file: every task on every subject, as an OpenAI batch
 * file.
 */
final class DemoPrompts {

  private static final List<String> TASKS =
      List.of(
          "Explain %s to somebody who sees it for the first time, in three sentences.",
          "Name the two most common misunderstandings about %s and correct them.",
          "Write a haiku about %s.",
          "What would you measure to find out whether %s is in good order?",
          "List five questions that an apprentice should ask about %s.",
          "Compare %s a hundred years ago with today, in one paragraph.",
          "Write the opening line of a detective story that begins with %s.",
          "What does %s cost to keep up for a year, and what drives the cost?",
          "Give a safety rule for working on %s, and the accident that it prevents.",
          "Describe %s without using the letter e.",
          "Invent a unit for the quality of %s and define it.",
          "Summarise what engineers argue about when they talk of %s.",
          "Translate the idea behind %s into a recipe.",
          "What breaks first in %s, and how would you notice?",
          "Draft a short notice to neighbours about repairs to %s.");

  private static final List<String> SUBJECTS =
      List.of(
          "a water wheel",
          "the sluice gate of a canal",
          "a mountain reservoir",
          "a Pelton turbine",
          "a village well",
          "a lighthouse",
          "a suspension bridge",
          "a tide mill",
          "the lock of a river",
          "a grain silo",
          "a railway switch",
          "a fish ladder",
          "a steam whistle",
          "a cable car",
          "a rain gauge",
          "an aqueduct",
          "a pumping station",
          "a surge tank",
          "a weather vane",
          "a clock tower");

  private static final int OUTPUT_TOKENS_MAX = 256;

  private DemoPrompts() {}

  /** Writes the batch file: {@code fast} and {@code smart} in turn. */
  static void write(Path file) throws IOException {
    try (var out = Files.newBufferedWriter(file);
        var json = new JsonFactory().createGenerator(out)) {
      json.setRootValueSeparator(null);
      int number = 0;
      for (var task : TASKS) {
        for (var subject : SUBJECTS) {
          json.writeStartObject();
          json.writeStringField("custom_id", "demo-%04d".formatted(number));
          json.writeStringField("method", "POST");
          json.writeStringField("url", "/v1/chat/completions");
          json.writeObjectFieldStart("body");
          json.writeStringField("model", number % 2 == 0 ? "fast" : "smart");
          json.writeArrayFieldStart("messages");
          json.writeStartObject();
          json.writeStringField("role", "user");
          json.writeStringField("content", task.formatted(subject));
          json.writeEndObject();
          json.writeEndArray();
          json.writeNumberField("max_tokens", OUTPUT_TOKENS_MAX);
          json.writeEndObject();
          json.writeEndObject();
          json.writeRaw('\n');
          number++;
        }
      }
    }
  }
}
