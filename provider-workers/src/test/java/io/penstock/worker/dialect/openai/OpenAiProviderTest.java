package io.penstock.worker.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.Exchanged;
import io.penstock.worker.dialect.Json;
import io.penstock.worker.dialect.ProviderDialect;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.dialect.Recorded;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiProviderTest {

  private final OpenAiProvider dialect = new OpenAiProvider();

  @Test
  void inclusiveCountsBecomeDisjointClasses() {
    var usage =
        usage(
            """
            {"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
             "prompt_tokens_details":{"cached_tokens":60,"audio_tokens":5,"cache_write_tokens":10},
             "completion_tokens_details":{"reasoning_tokens":30,"audio_tokens":4}}
            """);

    assertThat(usage.getSource()).isEqualTo(UsageSource.PROVIDER);
    assertThat(usage.getInputUncached()).isEqualTo(25);
    assertThat(usage.getInputCacheRead()).isEqualTo(60);
    assertThat(usage.getInputCacheWrite5m()).isEqualTo(10);
    assertThat(usage.getInputAudio()).isEqualTo(5);
    assertThat(usage.getOutputText()).isEqualTo(16);
    assertThat(usage.getOutputReasoning()).isEqualTo(30);
    assertThat(usage.getOutputAudio()).isEqualTo(4);
    assertThat(sum(usage)).isEqualTo(150);
  }

  @Test
  void absentAndZeroStayDifferent() {
    var usage =
        usage(
            """
            {"prompt_tokens":7,"completion_tokens":0,"total_tokens":7,
             "prompt_tokens_details":{"cached_tokens":0,"audio_tokens":null}}
            """);

    assertThat(usage.getInputCacheRead()).isZero();
    assertThat(usage.getInputAudio()).isNull();
    assertThat(usage.getOutputText()).isZero();
    assertThat(usage.getOutputReasoning()).isNull();
  }

  @Test
  void tokensThatOnlyTheTotalKnowsAreReasoning() {
    var usage = usage("{\"prompt_tokens\":66,\"completion_tokens\":6,\"total_tokens\":100}");

    assertThat(usage.getOutputText()).isEqualTo(6);
    assertThat(usage.getOutputReasoning()).isEqualTo(28);
    assertThat(sum(usage)).isEqualTo(100);
  }

  @Test
  void moreReasoningThanCompletionNeverMakesMoreThanTheTotal() {
    var usage =
        usage(
            """
            {"prompt_tokens":8,"completion_tokens":10,"total_tokens":18,
             "completion_tokens_details":{"reasoning_tokens":11}}
            """);

    assertThat(usage.getOutputText()).isZero();
    assertThat(usage.getOutputReasoning()).isEqualTo(10);
    assertThat(sum(usage)).isEqualTo(18);
  }

  @ParameterizedTest
  @ValueSource(strings = {"prompt_cache_hit_tokens", "cached_tokens", "num_cached_tokens"})
  void cachedTokensAreFoundUnderEveryName(String name) {
    var usage = usage("{\"prompt_tokens\":70,\"completion_tokens\":2,\"" + name + "\":69}");

    assertThat(usage.getInputCacheRead()).isEqualTo(69);
    assertThat(usage.getInputUncached()).isEqualTo(1);
  }

  @Test
  void theProvidersUsageIsKeptToTheByte() {
    var raw =
        "{ \"total_tokens\" : 3, \"prompt_tokens\":2,\"completion_tokens\":1, \"cost\": 1.50 }";

    var usage = usage(raw);

    assertThat(text(usage.getRaw())).isEqualTo(raw);
  }

  @Test
  void missingUsageIsEstimatedAndSaysSo() {
    var reading =
        read(
            call(Surface.OPENAI_CHAT),
            bytes(
                "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"12345678\"}}]}"));

    assertThat(reading).isInstanceOf(Reading.Usable.class);
    var usage = ((Reading.Usable) reading).usage();
    assertThat(usage.getSource()).isEqualTo(UsageSource.ESTIMATED);
    assertThat(usage.getInputUncached()).isEqualTo(25);
    assertThat(usage.getOutputText()).isEqualTo(2);
    assertThat(usage.getRaw()).isNull();
  }

  @Test
  void embeddingsHaveNoOutput() {
    var reading =
        read(
            call(Surface.OPENAI_EMBEDDINGS),
            bytes(
                "{\"object\":\"list\",\"data\":[{\"embedding\":[0.1,0.2]}],\"usage\":{\"prompt_tokens\":5,\"total_tokens\":5}}"));

    assertThat(reading).isInstanceOf(Reading.Usable.class);
    var usage = ((Reading.Usable) reading).usage();
    assertThat(usage.getInputUncached()).isEqualTo(5);
    assertThat(usage.getOutputText()).isNull();
    assertThat(usage.getOutputReasoning()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "<html>hello</html>|UNUSABLE",
        "' '|UNUSABLE",
        "{\"choices\":[{\"message\":{\"content\":\"cut o|UNUSABLE",
        "{\"choices\":[]}|UNUSABLE",
        "{\"id\":\"x\"}|UNUSABLE",
        "[]|UNUSABLE",
        "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"\"}}]}|UNUSABLE",
        "{\"error\":{\"message\":\"upstream died\",\"code\":502}}|SERVER_ERROR",
        "{\"error\":{\"message\":\"slow down\",\"code\":\"rate_limit_exceeded\"}}|RATE_LIMITED",
        "{\"error\":{\"message\":\"what\"}}|UNUSABLE",
        "{\"choices\":[{\"finish_reason\":\"error\",\"message\":{\"content\":\"half\"}}]}|SERVER_ERROR",
        "{\"choices\":[{\"finish_reason\":\"insufficient_system_resource\",\"message\":{\"content\":\"half\"}}]}|SERVER_ERROR"
      })
  void anAnswerWithStatus200MayStillBeAFailure(String body, FailureKind kind) {
    var reading = read(call(Surface.OPENAI_CHAT), bytes(body));

    assertThat(reading).isInstanceOf(Reading.Failed.class);
    assertThat(((Reading.Failed) reading).failure().getKind()).isEqualTo(kind);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"choices\":[{\"finish_reason\":\"length\",\"message\":{\"content\":\"\"}}]}",
        "{\"choices\":[{\"finish_reason\":\"tool_calls\",\"message\":{\"content\":null,\"tool_calls\":[{\"id\":\"1\"}]}}]}",
        "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":null,\"tool_calls\":[{\"id\":\"1\"},{\"id\":\"2\"}]}}]}",
        "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":null,\"refusal\":\"no\"}}]}",
        "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"\",\"audio\":{\"id\":\"1\"}}}]}",
        "{\"choices\":[{\"finish_reason\":\"\",\"message\":{\"content\":\"x\"}}]}",
        "\n\n\n{\"error\":null,\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"x\"}}]}"
      })
  void anAnswerWithoutTextMayStillBeAnAnswer(String body) {
    assertThat(read(call(Surface.OPENAI_CHAT), bytes(body))).isInstanceOf(Reading.Usable.class);
  }

  @Test
  void everyRecordedAnswerIsReadAndItsTokensAddUp() throws IOException {
    var read = 0;
    for (var exchange : Recorded.of("provider-exchanges.jsonl")) {
      if (exchange.status() != 200
          || exchange.stream()
          || !exchange.url().contains("/chat/completions")) {
        continue;
      }
      var reading = read(call(Surface.OPENAI_CHAT), exchange.response());

      assertThat(reading).as("%s", exchange).isInstanceOf(Reading.Usable.class);
      var reported = Json.MAPPER.readTree(exchange.response()).path("usage");
      if (reported.has("prompt_tokens")) {
        var sum =
            reported.path("prompt_tokens").asLong() + reported.path("completion_tokens").asLong();
        assertThat(sum(((Reading.Usable) reading).usage()))
            .as("%s %s", exchange, reported)
            .isEqualTo(Math.max(sum, reported.path("total_tokens").asLong()));
      }
      read++;
    }
    assertThat(read).isGreaterThan(50);
  }

  @Test
  void theOutputLimitIsNamedAsTheProviderKnowsIt() {
    var call = call(Surface.OPENAI_CHAT);
    call.setOutputTokensLimit(9L);
    var body = bytes("{\"model\":\"a\"}");

    assertThat(text(ByteBuffer.wrap(dialect.passThrough(call, body, at("api.openai.com")))))
        .isEqualTo("{\"max_completion_tokens\":9,\"model\":\"up\"}");
    assertThat(text(ByteBuffer.wrap(dialect.passThrough(call, body, at("localhost")))))
        .isEqualTo("{\"max_tokens\":9,\"model\":\"up\"}");
  }

  @Test
  void embeddingsNeverGetAnOutputLimit() {
    var call = call(Surface.OPENAI_EMBEDDINGS);
    call.setOutputTokensLimit(9L);

    assertThat(
            text(ByteBuffer.wrap(dialect.passThrough(call, bytes("{\"model\":\"a\"}"), at("x")))))
        .isEqualTo("{\"model\":\"up\"}");
  }

  private Reading read(CallAssigned call, byte[] body) {
    return dialect.readPassed(call, bytes("{}"), body, Instant.EPOCH);
  }

  private static ProviderDialect.Endpoint at(String host) {
    return new ProviderDialect.Endpoint(host, null);
  }

  private TokenUsage usage(String usage) {
    var body =
        "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"hi\"}}],\"usage\":"
            + usage.strip()
            + "}";
    var reading = read(call(Surface.OPENAI_CHAT), bytes(body));
    assertThat(reading).isInstanceOf(Reading.Usable.class);
    return ((Reading.Usable) reading).usage();
  }

  private static long sum(TokenUsage usage) {
    return Stream.<@Nullable Long>of(
            usage.getInputUncached(),
            usage.getInputCacheRead(),
            usage.getInputCacheWrite5m(),
            usage.getInputAudio(),
            usage.getInputImage(),
            usage.getOutputText(),
            usage.getOutputReasoning(),
            usage.getOutputAudio(),
            usage.getOutputImage())
        .mapToLong(count -> count == null ? 0 : count)
        .sum();
  }

  private static CallAssigned call(Surface surface) {
    return Exchanged.call(surface, "up");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }
}
