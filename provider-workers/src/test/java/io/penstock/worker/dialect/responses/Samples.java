package io.penstock.worker.dialect.responses;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.CallerDialect.StreamStart;
import io.penstock.worker.dialect.CallerDialect.StreamWriter;
import io.penstock.worker.dialect.Exchanged;
import io.penstock.worker.dialect.ServerSentEvent;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** What the tests of this package have in common. */
final class Samples {

  static final Instant AT = Instant.ofEpochSecond(1_700_000_000);

  private static final Path STREAMS = Path.of("../../shared/data/recorded/streams");

  private Samples() {}

  static CallAssigned call() {
    return Exchanged.call(Surface.OPENAI_RESPONSES, "gpt");
  }

  static TokenUsage usage(long input, long output) {
    return TokenUsage.newBuilder()
        .setSource(UsageSource.PROVIDER)
        .setInputUncached(input)
        .setOutputText(output)
        .build();
  }

  /** What a stream tells the caller, event by event; each is checked for its frame. */
  static List<JsonNode> written(StreamWriter writer, StreamEvent... events) {
    var written = new ArrayList<JsonNode>();
    for (var event : events) {
      var frames = new String(writer.write(event), StandardCharsets.UTF_8);
      for (var frame : frames.split("(?<=\\n\\n)")) {
        if (!frame.isEmpty()) {
          written.add(frame(frame));
        }
      }
    }
    return written;
  }

  private static JsonNode frame(String frame) {
    var lines = frame.split("\n", -1);
    var data = json(lines[1].substring("data: ".length()));
    if (lines.length != 4 || !lines[0].equals("event: " + data.path("type").asText())) {
      throw new AssertionError("not a frame: " + frame);
    }
    return data;
  }

  static StreamWriter fresh() {
    return new ResponsesCaller().stream(StreamStart.fresh(AT));
  }

  /** Events of a stream whose data are given. */
  static List<StreamEvent> read(List<String> data) {
    var reader = ResponsesReader.stream(call());
    var events = new ArrayList<StreamEvent>();
    data.forEach(one -> events.addAll(reader.read(new ServerSentEvent(null, bytes(one)))));
    return events;
  }

  static JsonNode json(String text) {
    return json(bytes(text));
  }

  static JsonNode json(byte[] bytes) {
    var object = Trees.objectOrNull(bytes);
    if (object == null) {
      throw new AssertionError("not an object: " + new String(bytes, StandardCharsets.UTF_8));
    }
    return object;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A recorded file; ends the test as skipped when it is not there. */
  static byte[] recorded(String file) {
    var path = STREAMS.resolve(file);
    Assumptions.assumeTrue(
        Files.isReadable(path), () -> "skipped: recorded streams are not at " + path);
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
