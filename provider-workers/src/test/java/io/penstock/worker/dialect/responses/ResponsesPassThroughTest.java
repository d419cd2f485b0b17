package io.penstock.worker.dialect.responses;

import static io.penstock.worker.dialect.responses.Samples.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.worker.dialect.Exchange;
import io.penstock.worker.dialect.Exchanges;
import io.penstock.worker.dialect.ProviderDialect;
import io.penstock.worker.dialect.ProviderDialect.Endpoint;
import io.penstock.worker.dialect.ProviderDialects;
import io.penstock.worker.dialect.Reading;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ResponsesPassThroughTest {

  private static final Endpoint OPENAI = new Endpoint("api.openai.com", null);

  private static ProviderDialect provider(String name) {
    var provider = ProviderDialects.named(name);
    assertThat(provider).isNotNull();
    return provider;
  }

  private static CallAssigned call(boolean stream) {
    var call = Samples.call();
    call.getFacts().setStream(stream);
    return call;
  }

  private static Exchange exchange(String body, String provider, Endpoint endpoint) {
    return Exchanges.of(
        call(body.contains("\"stream\":true")), bytes(body), provider(provider), endpoint);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void whereOpenAiItselfAnswersTheBodyPassesButForTheModelsName() {
    var outgoing =
        exchange("{\"tools\":[{\"type\":\"web_search\"}], \"model\":\"x\"}", "openai", OPENAI)
            .outgoing();

    assertThat(outgoing.path()).isEqualTo("/responses");
    assertThat(text(outgoing.body()))
        .isEqualTo("{\"tools\":[{\"type\":\"web_search\"}], \"model\":\"gpt\"}");
  }

  @Test
  void theLimitOfTheHoldIsPutInOnce() {
    var call = call(false);
    call.setOutputTokensLimit(9L);

    var outgoing =
        Exchanges.of(
                call,
                bytes("{\"model\":\"x\",\"max_output_tokens\":null}"),
                provider("openai"),
                OPENAI)
            .outgoing();

    assertThat(text(outgoing.body())).isEqualTo("{\"model\":\"gpt\",\"max_output_tokens\":9}");
  }

  @Test
  void everyOtherServerIsAskedForChatCompletions() {
    var outgoing =
        exchange(
                "{\"model\":\"x\",\"input\":\"hi\",\"stream\":true}",
                "openai",
                new Endpoint("api.deepseek.com", null))
            .outgoing();

    assertThat(outgoing.path()).isEqualTo("/chat/completions");
    assertThat(Samples.json(outgoing.body()).path("messages").path(0).path("content").asText())
        .isEqualTo("hi");
  }

  @Test
  void aRecordedStreamPassesByteForByteHoweverItIsCut() {
    var stream =
        text(Samples.recorded("azure/azure-text.1.chunks.txt"))
            .lines()
            .filter(line -> !line.isBlank())
            .map(
                line ->
                    "event: "
                        + Samples.json(line).path("type").asText()
                        + "\ndata: "
                        + line
                        + "\n\n")
            .collect(Collectors.joining());
    var bytes = bytes(stream);

    for (var size : new int[] {1, 7, 64, bytes.length}) {
      var relay =
          exchange("{\"model\":\"x\",\"stream\":true}", "openai", OPENAI).stream(Instant.EPOCH);
      var out = new StringBuilder();
      for (var at = 0; at < bytes.length; at += size) {
        out.append(text(relay.take(bytes, at, Math.min(size, bytes.length - at))));
      }
      var end = relay.end(Instant.EPOCH);

      assertThat(out + text(end.rest())).isEqualTo(stream);
      assertThat(end.reading())
          .isInstanceOfSatisfying(
              Reading.Usable.class,
              usable -> {
                assertThat(usable.finishReason()).isEqualTo("stop");
                assertThat(usable.usage().getOutputText()).isNotNull();
              });
    }
  }

  @Test
  void aPassedStreamWithoutItsTerminalEventIsCut() {
    var stream =
        """
        event: response.created
        data: {"type":"response.created","response":{"id":"resp_1","model":"m"}}

        event: response.output_text.delta
        data: {"type":"response.output_text.delta","output_index":0,"delta":"x"}

        """;
    var relay =
        exchange("{\"model\":\"x\",\"stream\":true}", "openai", OPENAI).stream(Instant.EPOCH);

    relay.take(bytes(stream), 0, bytes(stream).length);
    var end = relay.end(Instant.EPOCH);

    assertThat(end.rest()).isEmpty();
    assertThat(end.reading())
        .isInstanceOfSatisfying(
            Reading.Failed.class,
            failed -> assertThat(failed.failure().getKind()).isEqualTo(FailureKind.CUT));
  }

  @Test
  void aSchemaReachesGeminiThroughThisSurface() {
    var body =
        "{\"model\":\"x\",\"input\":\"hi\",\"text\":{\"format\":{\"type\":\"json_schema\","
            + "\"name\":\"n\",\"schema\":{\"type\":\"object\"}}}}";

    var outgoing =
        exchange(body, "gemini", new Endpoint("generativelanguage.googleapis.com", null))
            .outgoing();

    assertThat(
            Samples.json(outgoing.body())
                .path("generationConfig")
                .path("responseJsonSchema")
                .path("type")
                .asText())
        .isEqualTo("object");
  }
}
