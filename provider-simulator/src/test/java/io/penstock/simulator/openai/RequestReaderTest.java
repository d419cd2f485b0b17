package io.penstock.simulator.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.simulator.inference.InferenceRequest;
import io.penstock.simulator.inference.InferenceRequest.Chat;
import io.penstock.simulator.inference.InferenceRequest.Delivery;
import io.penstock.simulator.inference.InferenceRequest.Embeddings;
import io.penstock.simulator.inference.InferenceRequest.Unusable;
import io.penstock.simulator.inference.InferenceRequest.VectorFormat;
import java.util.OptionalInt;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;

class RequestReaderTest {
  @Test
  void aChatIsReadWithEverythingThatMatters() {
    var request =
        chat(
            """
            {"max_completion_tokens":9,"stream":true,"temperature":0.5,"n":2,"stop":["x"],
             "tools":[{"type":"function","function":{"name":"f","parameters":{"a":[1,{}]}}}],
             "stream_options":{"include_obfuscation":false,"include_usage":true},
             "messages":[{"role":"user","content":"12345678"}],"model":"m"}
            """);

    assertThat(request)
        .isInstanceOfSatisfying(
            Chat.class,
            chat -> {
              assertThat(chat.model()).isEqualTo("m");
              assertThat(chat.promptTokens()).isEqualTo(3 + 3 + 2);
              assertThat(chat.outputTokensMax()).isEqualTo(OptionalInt.of(9));
              assertThat(chat.choices()).isEqualTo(2);
              assertThat(chat.delivery()).isEqualTo(Delivery.STREAM_WITH_USAGE);
            });
  }

  @Test
  void inputTokensFollowTheBytesOfEveryMessage() {
    assertThat(promptTokens("")).isEqualTo(6);
    assertThat(promptTokens("a")).isEqualTo(7);
    assertThat(promptTokens("abcd")).isEqualTo(7);
    assertThat(promptTokens("abcde")).isEqualTo(8);
    assertThat(promptTokens("é€😀")).isEqualTo(6 + 3);
    var twoMessages =
        chat(
            """
            {"model":"m","messages":[{"role":"system","content":"abcd"},
             {"role":"user","content":[{"type":"text","text":"abcd"},{"type":"text","text":"e"}]}]}
            """);
    assertThat(((Chat) twoMessages).promptTokens()).isEqualTo(3 + (3 + 1) + (3 + 2));
  }

  @Test
  void inputTokensNeverExceedTheBytesOfTheBody() {
    for (int length = 0; length < 300; length++) {
      var content = "€x".repeat(length);
      var body =
          "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + content + "\"}]}";

      assertThat(((Chat) chat(body)).promptTokens()).isLessThan(body.getBytes(UTF_8).length);
    }
  }

  @Test
  void theContentDecidesTheHashAndNothingElseDoes() {
    var first =
        (Chat) chat("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}");
    var same =
        (Chat)
            chat(
                "{\"messages\":[{\"content\":\"a\",\"role\":\"user\"}],\"seed\":7,\"model\":\"m\"}");
    var other =
        (Chat) chat("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"b\"}]}");

    assertThat(same.contentHash()).isEqualTo(first.contentHash());
    assertThat(other.contentHash()).isNotEqualTo(first.contentHash());
  }

  @Test
  void aChatThatCannotBeServedSaysWhy() {
    assertError(chat("{")).startsWith("We could not parse the JSON body");
    assertError(chat("")).startsWith("We could not parse the JSON body");
    assertError(chat("[]")).startsWith("We could not parse the JSON body");
    assertError(chat("{} {}")).startsWith("We could not parse the JSON body");
    assertError(chat("{\"messages\":" + "[".repeat(10_000)))
        .isEqualTo("Invalid type for 'messages[0]': expected an object.");
    assertError(chat("{\"x\":" + "[".repeat(10_000)))
        .startsWith("We could not parse the JSON body");
    assertError(chat("{}")).isEqualTo("you must provide a model parameter");
    assertError(chat("{\"model\":1}")).isEqualTo("Invalid type for 'model': expected a string.");
    assertError(chat("{\"model\":\"m\"}")).isEqualTo("Missing required parameter: 'messages'.");
    assertError(chat("{\"model\":\"m\",\"messages\":[]}"))
        .isEqualTo(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an"
                + " empty array instead.");
    assertError(chat("{\"model\":\"m\",\"max_tokens\":0}"))
        .isEqualTo(
            "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0"
                + " instead.");
    assertError(chat("{\"model\":\"m\",\"n\":129}"))
        .startsWith("Invalid 'n': integer above maximum value.");
    assertError(chat("{\"model\":\"m\",\"n\":\"2\"}"))
        .isEqualTo("Invalid type for 'n': expected an integer.");
    assertError(chat("{\"model\":\"m\",\"stream\":\"yes\"}"))
        .isEqualTo("Invalid type for 'stream': expected a boolean.");
  }

  @Test
  void everyFormOfEmbeddingInputIsRead() {
    assertThat(embeddings("\"abcde\"").inputs()).hasSize(1);
    assertThat(embeddings("\"abcde\"").promptTokens()).isEqualTo(2);
    assertThat(embeddings("[\"a\",\"b\"]").inputs()).hasSize(2);
    assertThat(embeddings("[1,2,3]").inputs()).hasSize(1);
    assertThat(embeddings("[1,2,3]").promptTokens()).isEqualTo(3);
    assertThat(embeddings("[[1,2],[3]]").inputs()).hasSize(2);
    assertThat(embeddings("\"a\"").dimensions()).isEqualTo(1_536);
    assertThat(embeddings("\"a\"").format()).isEqualTo(VectorFormat.FLOAT);
  }

  @Test
  void embeddingsThatCannotBeServedSayWhy() {
    assertError(read("{\"model\":\"m\"}")).isEqualTo("Missing required parameter: 'input'.");
    assertError(read("{\"model\":\"m\",\"input\":[]}")).startsWith("Invalid 'input': empty array.");
    assertError(read("{\"model\":\"m\",\"input\":[[]]}")).startsWith("Invalid type for 'input'");
    assertError(read("{\"model\":\"m\",\"input\":[1,\"a\"]}"))
        .startsWith("Invalid type for 'input'");
    assertError(read("{\"model\":\"m\",\"input\":\"a\",\"encoding_format\":\"hex\"}"))
        .isEqualTo("Invalid value for 'encoding_format': expected 'float' or 'base64'.");
  }

  private static AbstractStringAssert<?> assertError(InferenceRequest request) {
    assertThat(request).isInstanceOf(Unusable.class);
    return assertThat(((Unusable) request).error().message());
  }

  private static int promptTokens(String content) {
    return ((Chat)
            chat(
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
                    + content
                    + "\"}]}"))
        .promptTokens();
  }

  private static InferenceRequest chat(String body) {
    return ChatReader.parse(body.getBytes(UTF_8));
  }

  private static Embeddings embeddings(String input) {
    return (Embeddings) read("{\"model\":\"m\",\"input\":" + input + "}");
  }

  private static InferenceRequest read(String body) {
    return EmbeddingsReader.parse(body.getBytes(UTF_8));
  }
}
