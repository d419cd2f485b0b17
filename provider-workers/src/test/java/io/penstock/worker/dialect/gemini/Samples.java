package io.penstock.worker.dialect.gemini;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.Exchanged;
import io.penstock.worker.dialect.Json;
import io.penstock.worker.dialect.ProviderDialect.Endpoint;
import io.penstock.worker.dialect.ServerSentEvent;
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

  static final Endpoint GOOGLE = new Endpoint("generativelanguage.googleapis.com", null);

  private static final Path STREAMS = Path.of("../../shared/data/recorded/streams");

  private Samples() {}

  static CallAssigned call(String model) {
    return Exchanged.call(Surface.OPENAI_CHAT, model);
  }

  /** The request for a prompt; what is unsupported is collected, not refused. */
  static JsonNode request(String model, Prompt prompt, List<String> unsupported) {
    return json(new GeminiProvider().request(call(model), prompt, GOOGLE, unsupported::add));
  }

  static JsonNode request(Prompt prompt) {
    var unsupported = new ArrayList<String>();
    var request = request("gemini-3-pro", prompt, unsupported);
    if (!unsupported.isEmpty()) {
      throw new AssertionError("unsupported: " + unsupported);
    }
    return request;
  }

  /** Events of a stream whose pieces are given. */
  static List<StreamEvent> read(CallAssigned call, List<String> chunks) {
    var reader = new GeminiProvider().stream(call);
    var events = new ArrayList<StreamEvent>();
    chunks.forEach(chunk -> events.addAll(reader.read(new ServerSentEvent(null, bytes(chunk)))));
    return events;
  }

  static List<StreamEvent> read(String... chunks) {
    return read(call("gemini-3-pro"), List.of(chunks));
  }

  static JsonNode json(String text) {
    return json(bytes(text));
  }

  static JsonNode json(byte[] bytes) {
    try {
      return Json.MAPPER.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Pieces of a recorded stream; ends the test as skipped when it is not there. */
  static List<String> recorded(String file) {
    var path = STREAMS.resolve(file);
    Assumptions.assumeTrue(
        Files.isReadable(path), () -> "skipped: recorded streams are not at " + path);
    try {
      return Files.readAllLines(path).stream().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
