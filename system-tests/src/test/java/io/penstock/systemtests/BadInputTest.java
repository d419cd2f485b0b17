package io.penstock.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.standalone.client.ApiClient;
import io.penstock.standalone.client.ApiClientException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each bad input has its exact error, and none of them reaches a provider. */
class BadInputTest {

  private static final String CHAT = "/v1/chat/completions";
  private static final String GOOD =
      "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";

  @TempDir private static Path directory;
  private static Installed penstock;
  private static String key = "";

  @BeforeAll
  static void start() throws Exception {
    penstock = Installed.start(directory, SimulatorConfig.standard());
    key = penstock.key("alpha");
  }

  @AfterAll
  static void stop() {
    penstock.close();
  }

  @Test
  void aMissingOrUnknownKeyIsRefused() throws Exception {
    assertError(chat("", GOOD), 401, "invalid_api_key");
    assertError(chat("sk-pen-unknown", GOOD), 401, "invalid_api_key");
  }

  @Test
  void anUnknownModelIsRefused() throws Exception {
    assertError(chat(key, GOOD.replace("fast", "no-such-model")), 404, "model_not_found");
  }

  @Test
  void malformedJsonIsRefused() throws Exception {
    assertError(chat(key, "{\"model\":\"fast\","), 400, "invalid_json");
    assertError(chat(key, ""), 400, "invalid_json");
  }

  @Test
  void jsonNestedTenThousandDeepIsRefused() throws Exception {
    var deep = "{\"model\":\"fast\",\"messages\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}";

    assertError(chat(key, deep), 400, "invalid_json");
  }

  @Test
  void aBodyOverTheLimitIsRefused() throws Exception {
    var large =
        "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\""
            + "x".repeat(11 << 20)
            + "\"}]}";

    assertError(chat(key, large), 413, "request_too_large");
  }

  @Test
  void aDuplicateCustomIdFailsTheBatchAtItsLine() throws Exception {
    var line = Files.readString(Installed.lines(directory.resolve("one.jsonl"), 1));

    assertBatchFails(line + line, "duplicate_custom_id", 2);
  }

  @Test
  void aFileThatIsNotJsonLinesFailsTheBatchAtItsLine() throws Exception {
    assertBatchFails("this is no JSON\n", "invalid_json_line", 1);
  }

  @Test
  void aByteOrderMarkIsNamed() throws Exception {
    var line = Files.readString(Installed.lines(directory.resolve("bom.jsonl"), 1));

    var error = assertBatchFails("\uFEFF" + line, "invalid_json_line", 1);
    assertThat(error.path("message").asText()).containsIgnoringCase("byte order mark");
  }

  @Test
  void aLineForAnotherEndpointFailsTheBatch() throws Exception {
    var line =
        Files.readString(Installed.lines(directory.resolve("url.jsonl"), 1))
            .replace(CHAT, "/v1/embeddings");

    assertBatchFails(line, "url_mismatch", 1);
  }

  @Test
  void anEmptyFileIsRefused() throws Exception {
    try (var client = new ApiClient(penstock.url(), key)) {
      var empty = Files.writeString(directory.resolve("empty.jsonl"), "");

      Assertions.assertThatThrownBy(() -> client.uploadBatchFile(empty))
          .isInstanceOf(ApiClientException.class)
          .hasMessageContaining("400")
          .hasMessageContaining("empty");
    }
  }

  @Test
  void anUnknownBatchAndAnotherOrganisationsBatchAreTheSameToTheCaller() throws Exception {
    try (var mine = new ApiClient(penstock.url(), key);
        var theirs = new ApiClient(penstock.url(), penstock.key("beta"))) {
      var file =
          mine.uploadBatchFile(Installed.lines(directory.resolve("mine.jsonl"), 1))
              .path("id")
              .asText();
      var batch = mine.createBatch(file, CHAT).path("id").asText();

      Assertions.assertThatThrownBy(() -> theirs.batch(batch)).hasMessageContaining("404");
      Assertions.assertThatThrownBy(() -> theirs.batch("batch_unknown"))
          .hasMessageContaining("404");
      Assertions.assertThatThrownBy(() -> theirs.createBatch(file, CHAT))
          .hasMessageMatching("(?s).*40[04].*");
      assertThat(Installed.ended(mine, batch, Duration.ofSeconds(30)).path("status").asText())
          .isEqualTo("completed");
    }
  }

  private static java.net.http.HttpResponse<String> chat(String secret, String body)
      throws Exception {
    return penstock.post(CHAT, secret, "application/json", body.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertError(
      java.net.http.HttpResponse<String> response, int status, String code) throws Exception {
    var error = Installed.JSON.readTree(response.body()).path("error");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(error.path("code").asText()).isEqualTo(code);
    assertThat(error.path("message").asText()).isNotBlank();
    assertThat(error.path("type").asText()).isNotBlank();
    assertThat(error.has("param")).isTrue();
  }

  private static JsonNode assertBatchFails(String content, String code, int line) throws Exception {
    try (var client = new ApiClient(penstock.url(), key)) {
      var file =
          client
              .uploadBatchFile(
                  Files.writeString(Files.createTempFile(directory, "bad", ".jsonl"), content))
              .path("id")
              .asText();
      var batch =
          Installed.ended(
              client, client.createBatch(file, CHAT).path("id").asText(), Duration.ofSeconds(30));
      var error = batch.path("errors").path("data").path(0);
      assertThat(batch.path("status").asText()).isEqualTo("failed");
      assertThat(error.path("code").asText()).isEqualTo(code);
      assertThat(error.path("line").asInt()).isEqualTo(line);
      return error;
    }
  }
}
