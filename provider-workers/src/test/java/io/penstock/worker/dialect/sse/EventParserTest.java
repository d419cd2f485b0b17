package io.penstock.worker.dialect.sse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventParserTest {

  private static final String STREAM =
      """
      : keep-alive

      data: {"a":"ü€😀"}

      event: named
      id: 7
      data:without a space
      data:  with two
      data

      retry: 10
      data: [DONE]

      """;

  private static final List<String> EVENTS =
      List.of("null|{\"a\":\"ü€😀\"}", "named|without a space\n with two\n", "null|[DONE]");

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void everyLineEndIsUnderstood(String lineEnd) {
    assertThat(parsed(bytes(STREAM.replace("\n", lineEnd)), 1000, null)).isEqualTo(EVENTS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void itDoesNotMatterWhereTheNetworkCuts(String lineEnd) {
    var stream = bytes(STREAM.replace("\n", lineEnd));

    assertThat(parsed(stream, 1, null)).isEqualTo(EVENTS);
    for (var seed = 0; seed < 200; seed++) {
      assertThat(parsed(stream, 20, new Random(seed))).as("seed %d", seed).isEqualTo(EVENTS);
    }
  }

  @Test
  void aByteOrderMarkIsNoText() {
    assertThat(parsed(bytes("\uFEFFdata: x\n\n"), 1, null)).containsExactly("null|x");
  }

  @Test
  void theLastEventCountsWithoutItsBlankLine() {
    assertThat(parsed(bytes("data: a\n\ndata: [DONE]"), 5, null))
        .containsExactly("null|a", "null|[DONE]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void rawBytesTogetherAreTheStreamWithoutItsComments(String lineEnd) {
    var events = "data: a\n: inside\n\nevent: e\ndata: b\n\n".replace("\n", lineEnd);
    var stream = bytes(": alive" + lineEnd + lineEnd + events + ": alive" + lineEnd + lineEnd);
    for (var lengthMax = 1; lengthMax < stream.length; lengthMax++) {
      var raw = new ByteArrayOutputStream();
      var parser = new EventParser(1000, (_, bytes) -> raw.writeBytes(bytes));

      for (var at = 0; at < stream.length; at += lengthMax) {
        parser.take(stream, at, Math.min(lengthMax, stream.length - at));
      }
      parser.end();

      assertThat(raw.toString(StandardCharsets.UTF_8)).isEqualTo(events);
    }
  }

  @Test
  void anEventLargerThanAllowedEndsTheReading() {
    var events = new ArrayList<String>();
    var parser =
        new EventParser(
            50, (event, _) -> events.add(new String(event.data(), StandardCharsets.UTF_8)));
    var stream = bytes("data: a\n\ndata: " + "x".repeat(100) + "\n\ndata: b\n\n");

    parser.take(stream, 0, stream.length);
    parser.end();

    assertThat(parser.tooLong()).isTrue();
    assertThat(events).containsExactly("a");
  }

  private static List<String> parsed(
      byte[] stream, int lengthMax, @org.jspecify.annotations.Nullable Random random) {
    var events = new ArrayList<String>();
    var parser =
        new EventParser(
            1000,
            (event, _) ->
                events.add(event.name() + "|" + new String(event.data(), StandardCharsets.UTF_8)));
    var at = 0;
    while (at < stream.length) {
      var length =
          Math.min(stream.length - at, random == null ? lengthMax : 1 + random.nextInt(lengthMax));
      parser.take(stream, at, length);
      at += length;
    }
    parser.end();
    return events;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
