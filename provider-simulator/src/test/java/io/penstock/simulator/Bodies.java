package io.penstock.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The same question in every dialect, and the text of the answer. */
enum Bodies {
  OPENAI {
    @Override
    HttpResponse<String> ask(SimulatorClient client, String model, String text, String more)
        throws IOException {
      return client.postChat(SimulatorClient.chat(model, text, more));
    }

    @Override
    String stream() {
      return ",\"stream\":true,\"stream_options\":{\"include_usage\":true}";
    }

    @Override
    HttpResponse<String> goOn(SimulatorClient client, String model, String text, String begun)
        throws IOException {
      return client.postChat(
          "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}"
              .formatted(model, text, begun));
    }

    @Override
    String text(JsonNode body) {
      return body.at("/choices/0/message/content").asText();
    }

    @Override
    String streamedText(List<JsonNode> events) {
      return join(events, "/choices/0/delta/content");
    }
  },
  RESPONSES {
    @Override
    HttpResponse<String> ask(SimulatorClient client, String model, String text, String more)
        throws IOException {
      return client.post(
          "/v1/responses", "{\"model\":\"%s\",\"input\":\"%s\"%s}".formatted(model, text, more));
    }

    @Override
    String stream() {
      return ",\"stream\":true";
    }

    @Override
    HttpResponse<String> goOn(SimulatorClient client, String model, String text, String begun)
        throws IOException {
      return client.post(
          "/v1/responses",
          "{\"model\":\"%s\",\"input\":[{\"role\":\"user\",\"content\":\"%s\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}"
              .formatted(model, text, begun));
    }

    @Override
    String text(JsonNode body) {
      return body.at("/output/0/content/0/text").asText();
    }

    @Override
    String streamedText(List<JsonNode> events) {
      return events.stream()
          .filter(event -> event.path("type").asText().equals("response.output_text.delta"))
          .map(event -> event.get("delta").asText())
          .collect(Collectors.joining());
    }
  },
  AZURE {
    @Override
    HttpResponse<String> ask(SimulatorClient client, String model, String text, String more)
        throws IOException {
      return client.post(
          "/openai/deployments/" + model + "/chat/completions?api-version=2024-10-21",
          "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}".formatted(text, more));
    }

    @Override
    String stream() {
      return OPENAI.stream();
    }

    @Override
    HttpResponse<String> goOn(SimulatorClient client, String model, String text, String begun)
        throws IOException {
      return client.post(
          "/openai/deployments/" + model + "/chat/completions?api-version=2024-10-21",
          "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}"
              .formatted(text, begun));
    }

    @Override
    String text(JsonNode body) {
      return OPENAI.text(body);
    }

    @Override
    String streamedText(List<JsonNode> events) {
      return OPENAI.streamedText(events);
    }
  },
  ANTHROPIC {
    @Override
    HttpResponse<String> ask(SimulatorClient client, String model, String text, String more)
        throws IOException {
      return client.post(
          "/v1/messages",
          "{\"model\":\"%s\",\"max_tokens\":100000,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}"
              .formatted(model, text, more));
    }

    @Override
    String stream() {
      return ",\"stream\":true";
    }

    @Override
    HttpResponse<String> goOn(SimulatorClient client, String model, String text, String begun)
        throws IOException {
      return client.post(
          "/v1/messages",
          "{\"model\":\"%s\",\"max_tokens\":100000,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}"
              .formatted(model, text, begun));
    }

    @Override
    String text(JsonNode body) {
      return body.at("/content/0/text").asText();
    }

    @Override
    String streamedText(List<JsonNode> events) {
      return join(events, "/delta/text");
    }
  },
  GEMINI {
    @Override
    HttpResponse<String> ask(SimulatorClient client, String model, String text, String more)
        throws IOException {
      var method = more.equals(stream()) ? ":streamGenerateContent?alt=sse" : ":generateContent";
      return client.post(
          "/v1beta/models/" + model + method,
          "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"%s\"}]}]%s}"
              .formatted(text, more.equals(stream()) ? "" : more));
    }

    @Override
    String stream() {
      return "stream";
    }

    @Override
    HttpResponse<String> goOn(SimulatorClient client, String model, String text, String begun)
        throws IOException {
      return client.post(
          "/v1beta/models/" + model + ":generateContent",
          "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"%s\"}]},{\"role\":\"model\",\"parts\":[{\"text\":\"%s\"}]}]}"
              .formatted(text, begun));
    }

    @Override
    String text(JsonNode body) {
      return body.at("/candidates/0/content/parts/0/text").asText();
    }

    @Override
    String streamedText(List<JsonNode> events) {
      return join(events, "/candidates/0/content/parts/0/text");
    }
  };

  /** Asks, with members more, each beginning with a comma. */
  abstract HttpResponse<String> ask(SimulatorClient client, String model, String text, String more)
      throws IOException;

  /** The members by which a stream is asked for. */
  abstract String stream();

  /** Asks for the rest of an answer. */
  abstract HttpResponse<String> goOn(
      SimulatorClient client, String model, String text, String begun) throws IOException;

  /** What a whole answer says. */
  abstract String text(JsonNode body);

  /** What a stream says. */
  abstract String streamedText(List<JsonNode> events);

  HttpResponse<String> ask(SimulatorClient client, String model, String text) throws IOException {
    return ask(client, model, text, "");
  }

  /** The objects of all events, whatever their names and line ends, without the last marker. */
  static List<JsonNode> events(String stream) {
    var events = new ArrayList<JsonNode>();
    for (var line : stream.split("\r\n|\n|\r", -1)) {
      if (line.startsWith("data:") && !line.endsWith("[DONE]")) {
        events.add(SimulatorClient.json(line.substring("data:".length())));
      }
    }
    return events;
  }

  private static String join(List<JsonNode> events, String path) {
    return events.stream().map(event -> event.at(path).asText("")).collect(Collectors.joining());
  }
}
