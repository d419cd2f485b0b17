package io.penstock.worker.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.Exchanged;
import io.penstock.worker.dialect.Json;
import io.penstock.worker.dialect.ProviderDialect.Endpoint;
import io.penstock.worker.dialect.ProviderDialect.StreamReader;
import io.penstock.worker.dialect.ServerSentEvent;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** What the tests of this package have in common. */
final class Samples {

  static final Endpoint ANTHROPIC = new Endpoint("api.anthropic.com", null);

  private Samples() {}

  static CallAssigned call(String model) {
    return Exchanged.call(Surface.OPENAI_CHAT, model);
  }

  /** The request for a prompt; what is unsupported is collected, not refused. */
  static JsonNode request(CallAssigned call, Prompt prompt, List<String> unsupported) {
    return json(new AnthropicProvider().request(call, prompt, ANTHROPIC, unsupported::add));
  }

  static JsonNode request(Prompt prompt) {
    return request(call("claude-sonnet-4-5"), prompt, new ArrayList<>());
  }

  static JsonNode json(String text) {
    return json(bytes(text));
  }

  static JsonNode json(byte[] bytes) {
    try {
      return Trees.read(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Events of a stream; line feeds only, which is all these samples have. */
  static List<ServerSentEvent> events(String stream) {
    var events = new ArrayList<ServerSentEvent>();
    for (var block : stream.split("\n\n")) {
      String name = null;
      var data = new StringBuilder();
      for (var line : block.split("\n")) {
        if (line.startsWith("event:")) {
          name = line.substring("event:".length()).strip();
        } else if (line.startsWith("data:")) {
          data.append(line.substring("data:".length()).strip());
        }
      }
      if (!data.isEmpty()) {
        events.add(new ServerSentEvent(name, bytes(data.toString())));
      }
    }
    return events;
  }

  static List<StreamEvent> read(String stream) {
    return read(new AnthropicProvider().stream(call("claude-sonnet-4-5")), stream);
  }

  static List<StreamEvent> read(StreamReader reader, String stream) {
    var all = new ArrayList<StreamEvent>();
    for (var event : events(stream)) {
      all.addAll(reader.read(event));
    }
    return all;
  }

  static <T extends StreamEvent> List<T> only(Class<T> type, List<StreamEvent> events) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  static String text(List<StreamEvent> events) {
    var text = new StringBuilder();
    only(StreamEvent.Text.class, events).forEach(event -> text.append(event.text()));
    return text.toString();
  }

  /** One recorded exchange. */
  record Exchange(String source, JsonNode request, int status, JsonNode response) {
    /** For test names. */
    @Override
    public String toString() {
      return source;
    }

    String stream() {
      return response.textValue();
    }

    byte[] body() {
      return response.isTextual() ? bytes(response.textValue()) : bytes(response.toString());
    }
  }

  /** All exchanges with Anthropic's Messages in a file. */
  static List<Exchange> exchanges(String file) {
    var exchanges = new ArrayList<Exchange>();
    for (var line : lines("recorded/" + file)) {
      var url = line.path("url").asText();
      if (url.matches("https://api\\.anthropic\\.com/v1/messages(\\?.*)?")) {
        exchanges.add(
            new Exchange(
                line.path("source").asText(),
                parsed(line.path("request")),
                line.path("status").asInt(),
                line.path("response")));
      }
    }
    return exchanges;
  }

  /** Answers of Anthropic's batches. */
  static List<Exchange> batchAnswers() {
    var answers = new ArrayList<Exchange>();
    for (var line : lines("recorded/curator-batch-interactions.jsonl")) {
      if (line.path("url").asText().matches("https://api\\.anthropic\\.com/.*/results")) {
        for (var result : line.path("response").asText().split("\n")) {
          var message = json(result).path("result").path("message");
          answers.add(new Exchange(line.path("source").asText(), Trees.object(), 200, message));
        }
      }
    }
    return answers;
  }

  private static JsonNode parsed(JsonNode request) {
    return request.isTextual() && !request.textValue().isBlank()
        ? json(request.textValue())
        : request;
  }

  private static List<JsonNode> lines(String file) {
    try (var lines = Files.lines(data(file))) {
      return lines.map(Samples::json).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of recorded data, which lies beside the project or not at all: then tests skip. */
  static Path data(String file) {
    var path = Path.of("../../shared/data").resolve(file);
    Assumptions.assumeTrue(
        Files.isReadable(path), () -> "skipped: recorded data is not at " + path);
    return path;
  }

  static JsonNode tree(Path file) {
    try {
      return Json.MAPPER.readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
