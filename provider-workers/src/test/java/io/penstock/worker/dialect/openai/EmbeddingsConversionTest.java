package io.penstock.worker.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.Exchanged;
import io.penstock.worker.dialect.Json;
import io.penstock.worker.dialect.Reading;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EmbeddingsConversionTest {

  /** 1.0, -0.5, 0.1 as little-endian floats. */
  private static final String BASE64 = "AACAPwAAAL/NzMw9";

  private static final String ANSWER =
      "{\"object\":\"list\",\"data\":[{\"index\":0,\"embedding\":%s}],\"usage\":{\"prompt_tokens\":5,\"total_tokens\":5}}";

  @Test
  void numbersBecomeBase64WhereThatWasAsked() throws Exception {
    var answer = answer("{\"encoding_format\":\"base64\"}", "[1.0,-0.5,0.1]");

    assertThat(Json.MAPPER.readTree(answer).at("/data/0/embedding").asText()).isEqualTo(BASE64);
    assertThat(Json.MAPPER.readTree(answer).at("/usage/total_tokens").asInt()).isEqualTo(5);
  }

  @Test
  void base64BecomesNumbersWhereNothingWasAsked() {
    assertThat(answer("{\"input\":\"x\"}", "\"" + BASE64 + "\""))
        .contains("\"embedding\":[1.0,-0.5,0.1]");
  }

  @Test
  void whatWasAskedForIsNotTouched() {
    assertThat(answer("{\"input\":\"base64\"}", "[ 1 ]")).isEqualTo(ANSWER.formatted("[ 1 ]"));
    assertThat(answer("{\"encoding_format\": \"base64\"}", "\"" + BASE64 + "\""))
        .isEqualTo(ANSWER.formatted("\"" + BASE64 + "\""));
  }

  private static String answer(String request, String embedding) {
    var reading =
        new OpenAiProvider()
            .readPassed(
                Exchanged.whole(Surface.OPENAI_EMBEDDINGS),
                Exchanged.bytes(request),
                Exchanged.bytes(ANSWER.formatted(embedding)),
                Exchanged.NOW);
    return new String(((Reading.Usable) reading).answer(), StandardCharsets.UTF_8);
  }
}
