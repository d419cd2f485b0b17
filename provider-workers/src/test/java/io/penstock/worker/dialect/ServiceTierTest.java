package io.penstock.worker.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.ProviderDialect.Endpoint;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The tier in which a provider says that it served a call decides its price. */
class ServiceTierTest {

  private static final String CHAT =
      "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}],"
          + "\"service_tier\":\"priority\",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}";

  @Test
  void openAiSaysItBesideTheUsage() {
    assertThat(read("openai", CHAT).getServiceTier()).isEqualTo("priority");
    assertThat(read("openai", CHAT.replace("\"priority\"", "null")).getServiceTier()).isNull();
    var responses =
        named("openai").speaking(Surface.OPENAI_RESPONSES, new Endpoint("api.openai.com", null));
    assertThat(responses).isNotNull();
    assertThat(
            read(
                    responses,
                    "{\"status\":\"completed\",\"service_tier\":\"flex\",\"output\":["
                        + "{\"type\":\"message\",\"content\":[{\"type\":\"output_text\","
                        + "\"text\":\"x\"}]}],\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}")
                .getServiceTier())
        .isEqualTo("flex");
  }

  @Test
  void anAnswerThatIsPassedOnSaysItToo() {
    var body = bytes(CHAT);

    var reading = named("openai").readPassed(call(), bytes("{}"), body, Instant.EPOCH);

    assertThat(reading)
        .isInstanceOfSatisfying(
            Reading.Usable.class,
            usable -> assertThat(usable.usage().getServiceTier()).isEqualTo("priority"));
  }

  @Test
  void aStreamSaysItWithItsUsage() {
    var chunk =
        "{\"id\":\"c\",\"model\":\"m\",\"choices\":[],\"service_tier\":\"default\","
            + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}";

    var steps = named("openai").stream(call()).read(new ServerSentEvent("", bytes(chunk)));

    assertThat(steps)
        .filteredOn(StreamEvent.Used.class::isInstance)
        .singleElement()
        .isInstanceOfSatisfying(
            StreamEvent.Used.class,
            used -> assertThat(used.usage().getServiceTier()).isEqualTo("default"));
  }

  @Test
  void anthropicAndGeminiSayItAmongTheCounts() {
    assertThat(
            read(
                    "anthropic",
                    "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"x\"}],"
                        + "\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":1,"
                        + "\"output_tokens\":2,\"service_tier\":\"standard\"}}")
                .getServiceTier())
        .isEqualTo("standard");
    assertThat(
            read(
                    "gemini",
                    "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]},"
                        + "\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":1,"
                        + "\"candidatesTokenCount\":2,\"serviceTier\":\"flex\"}}")
                .getServiceTier())
        .isEqualTo("flex");
  }

  private static TokenUsage read(String dialect, String answer) {
    return read(named(dialect), answer);
  }

  private static TokenUsage read(@Nullable ProviderDialect dialect, String answer) {
    assertThat(dialect).isNotNull();
    var read = dialect.read(call(), bytes(answer), Instant.EPOCH);
    assertThat(read).isInstanceOf(Read.Answered.class);
    return ((Read.Answered) read).answer().usage();
  }

  private static ProviderDialect named(String name) {
    var dialect = ProviderDialects.named(name);
    assertThat(dialect).isNotNull();
    return dialect;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static CallAssigned call() {
    return Exchanged.call(Surface.OPENAI_CHAT, "m");
  }
}
