package io.penstock.simulator;

import static io.penstock.simulator.SimulatorClient.chat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What only a client sees that looks at every byte, or leaves. */
class WireTest {
  private static final String PATH = "/v1/chat/completions";

  private final Simulator simulator =
      Simulator.start(SimulatorConfig.standard().withStall(Duration.ofMillis(60)), "127.0.0.1", 0);

  @AfterEach
  void stop() {
    simulator.close();
  }

  @Test
  void splitStreamsPartCharacters() throws IOException {
    try (var call = call("m+fault-split-utf8", ",\"stream\":true")) {
      var chunks = RawCall.chunks(call.all());

      assertThat(chunks).anySatisfy(chunk -> assertThat(isUtf8(chunk)).isFalse());
      var text = RawCall.joined(chunks);
      assertThat(isUtf8(text.getBytes(UTF_8))).isTrue();
      assertThat(Bodies.OPENAI.streamedText(Bodies.events(text)))
          .matches("(?s).*[^\\x00-\\x7f].*")
          .doesNotContain("\uFFFD");
    }
  }

  @Test
  void onlySignsOfLifeAreNoEvents() throws IOException {
    try (var call = call("m+fault-comments-only", ",\"stream\":true")) {
      var text = new String(call.all(), UTF_8);

      assertThat(text).contains(": keep-alive").doesNotContain("data:").doesNotContain("\r\n0\r\n");
    }
  }

  @Test
  void aSilentCallSendsNotAByte() throws IOException {
    try (var call = call("m+fault-silent", ",\"stream\":true")) {
      assertThat(call.all()).isEmpty();
    }
  }

  @Test
  void aHeadMayBeAll() throws IOException {
    for (var more : new String[] {"", ",\"stream\":true"}) {
      try (var call = call("m+fault-head-only", more)) {
        var text = new String(call.all(), UTF_8);

        assertThat(text).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\n");
      }
    }
  }

  @Test
  void whoHangsUpInTheMiddleIsNoticedWithWhatHeGot() throws IOException {
    try (var call = call("m+tokens-100+gap-30ms", ",\"stream\":true")) {
      call.some(1_500);
    }

    await().until(() -> simulator.log().summary().inFlight() == 0);
    var gone = simulator.log().callsOf("raw").getFirst();
    assertThat(gone.clientGone()).isTrue();
    assertThat(gone.status()).isEqualTo(200);
    assertThat(gone.producedTokens()).isBetween(1, 50);
    assertThat(gone.outputTokens()).isZero();
    assertThat(gone.end().inputTokens()).isEqualTo(8);
    assertThat(gone.endedNanos() - gone.startedNanos()).isLessThan(2_000_000_000L);
  }

  @Test
  void whoHangsUpWhileNothingIsSaidIsNoticedAtOnce() throws IOException {
    long begun;
    try (var call = call("m+latency-30s", "")) {
      await().until(() -> simulator.log().summary().inFlight() == 1);
      assertThat(call).isNotNull();
      begun = System.nanoTime();
    }

    await().until(() -> simulator.log().summary().inFlight() == 0);
    assertThat((System.nanoTime() - begun) / 1e9).isCloseTo(0, within(1.0));
    var gone = simulator.log().callsOf("raw").getFirst();
    assertThat(gone.clientGone()).isTrue();
    assertThat(gone.producedTokens()).isZero();
    assertThat(gone.status()).isZero();
  }

  private RawCall call(String model, String more) throws IOException {
    return new RawCall(simulator, PATH, chat(model, "hello", more));
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException cut) {
      return false;
    }
  }
}
