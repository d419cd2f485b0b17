package io.penstock.worker.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.worker.dialect.Json;
import io.penstock.worker.dialect.UnsupportedCallException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestSpliceTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "{\"model\":\"a\"}|{\"model\":\"up/1\"}",
        "{ \"model\" : \"a\" , \"n\":1 }|{ \"model\" : \"up/1\" , \"n\":1 }",
        "{\"x\":{\"model\":\"a\"},\"model\":\"b\",\"y\":[{\"model\":\"c\"}]}|{\"x\":{\"model\":\"a\"},\"model\":\"up/1\",\"y\":[{\"model\":\"c\"}]}",
        "{\"model\":\"a\",\"model\":\"b\"}|{\"model\":\"up/1\",\"model\":\"up/1\"}",
        "{\"model\":null}|{\"model\":\"up/1\"}",
        "{\"model\":12.5e3 ,\"n\":1}|{\"model\":\"up/1\" ,\"n\":1}",
        "{\"model\":{\"a\":[1]},\"n\":1}|{\"model\":\"up/1\",\"n\":1}",
        "{\"model\":\"a\\\"\\u00e9\\\\\",\"s\":\"ü€😀\"}|{\"model\":\"up/1\",\"s\":\"ü€😀\"}",
        "{\"s\":\"ü€😀\",\"model\":\"é\"}|{\"s\":\"ü€😀\",\"model\":\"up/1\"}",
        "{\"n\":1}|{\"model\":\"up/1\",\"n\":1}",
        "{}|{\"model\":\"up/1\"}",
        "{\"\\u006dodel\":\"a\"}|{\"\\u006dodel\":\"up/1\"}"
      })
  void onlyTheTopLevelModelChanges(String body, String expected) {
    assertThat(spliced(body, null)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "{\"model\":\"a\",\"x\":1}|{\"max_tokens\":77,\"model\":\"up/1\",\"x\":1}",
        "{\"x\":{\"max_tokens\":5},\"model\":\"a\"}|{\"max_tokens\":77,\"x\":{\"max_tokens\":5},\"model\":\"up/1\"}",
        "{\"model\":\"a\",\"max_tokens\":null}|{\"model\":\"up/1\",\"max_tokens\":77}",
        "{\"model\":\"a\",\"max_completion_tokens\":5}|{\"model\":\"up/1\",\"max_completion_tokens\":5}",
        "{}|{\"model\":\"up/1\",\"max_tokens\":77}"
      })
  void theOutputLimitIsPutInWhereThereIsNone(String body, String expected) {
    assertThat(spliced(body, 77L)).isEqualTo(expected);
  }

  @Test
  void whitespaceAndLineBreaksStayAsTheyAre() {
    var body = "\r\n\t{\n  \"messages\" : [ ] ,\r\n  \"model\"\t:\t\"a\"\n}\n\n";

    assertThat(spliced(body, null)).isEqualTo(body.replace("\"a\"", "\"up/1\""));
  }

  @Test
  void aByteOrderMarkStaysAndDoesNotShiftAnything() {
    var body = "\ufeff{\"s\":\"é\",\"model\":\"a\"}";

    assertThat(spliced(body, null)).isEqualTo(body.replace("\"a\"", "\"up/1\""));
  }

  @Test
  void aModelNameIsQuoted() {
    var spliced =
        RequestSplice.splice(
            "{\"model\":\"a\"}".getBytes(StandardCharsets.UTF_8), "x\"y\\é", "max_tokens", null);

    assertThat(new String(spliced, StandardCharsets.UTF_8))
        .isEqualTo("{\"model\":\"x\\\"y\\\\é\"}");
  }

  @Test
  void bodiesLargerThanAnyBufferAreSplicedAtTheRightPlace() throws IOException {
    var random = new Random(5);
    for (int i = 0; i < 30; i++) {
      var filler = "é😀x\\\"".repeat(random.nextInt(20_000));
      var body = "{\"a\":\"" + filler + "\",\"model\":\"" + filler + "\",\"b\":\"" + filler + "\"}";

      var spliced = spliced(body, null);

      assertThat(spliced)
          .isEqualTo("{\"a\":\"" + filler + "\",\"model\":\"up/1\",\"b\":\"" + filler + "\"}");
      assertThat(Json.MAPPER.readTree(spliced).path("model").asText()).isEqualTo("up/1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "1", "{\"model\":", "{\"model\":\"a\"", "{}{}", "{} x", "nul"})
  void whatIsNotOneObjectIsRefused(String body) {
    assertThatThrownBy(() -> spliced(body, null)).isInstanceOf(UnsupportedCallException.class);
  }

  @Test
  void nestingWithoutEndIsRefused() {
    var body = "{\"model\":\"a\",\"x\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}";

    assertThatThrownBy(() -> spliced(body, null))
        .isInstanceOf(UnsupportedCallException.class)
        .hasMessage("the body is not JSON");
  }

  private static String spliced(String body, @Nullable Long limit) {
    return new String(
        RequestSplice.splice(body.getBytes(StandardCharsets.UTF_8), "up/1", "max_tokens", limit),
        StandardCharsets.UTF_8);
  }
}
