package io.penstock.worker.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Surface;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TreesTest {

  @ParameterizedTest
  @EnumSource(
      value = Surface.class,
      names = {"OPENAI_CHAT", "OPENAI_RESPONSES", "ANTHROPIC_MESSAGES"})
  void numbersOfAToolStayAsTheCallerWroteThem(Surface surface) {
    var schema = "{\"multipleOf\":1.10,\"maximum\":12345678901234567890.12}";

    var prompt =
        CallerDialects.of(surface)
            .prompt(
                """
                {"model":"a","max_tokens":9,"input":"hi","messages":[{"role":"user","content":"hi"}],
                 "tools":[{"type":"%s","name":"t","parameters":%s,"input_schema":%s,
                           "function":{"name":"t","parameters":%s}}]}
                """
                    .formatted(
                        surface == Surface.ANTHROPIC_MESSAGES ? "custom" : "function",
                        schema,
                        schema,
                        schema)
                    .getBytes(UTF_8));

    assertThat(prompt.tools().getFirst().parameters()).hasToString(schema);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"{\"a\":1} |{\"a\":1}", "{\"a\":1}{|", "[{\"a\":1}]|", "7|", "''|"})
  void anObjectIsTheWholeText(String json, @Nullable String read) {
    assertThat(String.valueOf(Trees.objectOrNull(json))).isEqualTo(String.valueOf(read));
    assertThat(String.valueOf(Trees.objectOrNull(json.getBytes(UTF_8))))
        .isEqualTo(String.valueOf(read));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"[{\"a\":1}]|{\"a\":1}", "{\"a\":1}|{\"a\":1}", "[{},{}]|", "[]|"})
  void theOnlyElementOfAnArrayIsTakenForTheObject(String json, @Nullable String read) {
    assertThat(String.valueOf(Trees.onlyObjectOrNull(json.getBytes(UTF_8))))
        .isEqualTo(String.valueOf(read));
  }

  @Test
  void aSliceIsWhatWasSentToTheByte() {
    var json = "[{\"b\":{\"usage\":7},\"a\":{\"usage\" : { \"n\":1.10 } }}]".getBytes(UTF_8);

    assertThat(Trees.slice(json, "a", "usage")).asString(UTF_8).isEqualTo("{ \"n\":1.10 }");
    assertThat(Trees.slice(json, "usage")).isNull();
    assertThat(Trees.slice(json, "a", "n")).isNull();
  }
}
