package io.penstock.ingress.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.Surface;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BodyReaderTest {

  private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

  record Refusal(String name, byte[] body, ErrorCode code, @Nullable String param, String message) {
    static Refusal of(
        String name, String body, ErrorCode code, @Nullable String param, String message) {
      return new Refusal(name, body.getBytes(StandardCharsets.UTF_8), code, param, message);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Refusal> refusals() {
    var good = "{\"model\":\"m\"," + MESSAGES + "}";
    return Stream.of(
        Refusal.of("empty", "", ErrorCode.INVALID_JSON, null, "empty"),
        Refusal.of("blank", "  \n", ErrorCode.INVALID_TYPE, null, "JSON object"),
        Refusal.of("an array", "[1]", ErrorCode.INVALID_TYPE, null, "JSON object"),
        Refusal.of("a word", "hello", ErrorCode.INVALID_JSON, null, "not valid JSON"),
        Refusal.of(
            "cut off",
            "{\"model\":\"m\",\"messages\":[{",
            ErrorCode.INVALID_JSON,
            null,
            "ends too early"),
        Refusal.of(
            "trailing comma", "{\"model\":\"m\",}", ErrorCode.INVALID_JSON, null, "line 1, column"),
        Refusal.of("trailing garbage", good + " x", ErrorCode.INVALID_JSON, null, "not valid JSON"),
        Refusal.of(
            "a second object", good + "{}", ErrorCode.INVALID_JSON, null, "something follows"),
        Refusal.of("BOM", "\ufeff" + good, ErrorCode.INVALID_JSON, null, "byte order mark"),
        new Refusal(
            "UTF-16",
            good.getBytes(StandardCharsets.UTF_16LE),
            ErrorCode.INVALID_JSON,
            null,
            "UTF-16"),
        new Refusal(
            "Latin-1",
            "{\"model\":\"m\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1),
            ErrorCode.INVALID_JSON,
            null,
            "offset 11"),
        new Refusal(
            "overlong",
            new byte[] {'{', '"', (byte) 0xc0, (byte) 0x80, '"', ':', '1', '}'},
            ErrorCode.INVALID_JSON,
            null,
            "not UTF-8"),
        new Refusal(
            "surrogate",
            new byte[] {'{', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', ':', '1', '}'},
            ErrorCode.INVALID_JSON,
            null,
            "not UTF-8"),
        Refusal.of(
            "nested 10,000 deep",
            "{\"model\":\"m\",\"messages\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}",
            ErrorCode.INVALID_JSON,
            null,
            "deeper than 64"),
        Refusal.of(
            "nested 10,000 deep in a field that nobody reads",
            "{\"x\":" + "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000) + "}",
            ErrorCode.INVALID_JSON,
            null,
            "deeper than 64"),
        Refusal.of(
            "a key twice",
            "{\"model\":\"cheap\"," + MESSAGES + ",\"model\":\"dear\"}",
            ErrorCode.INVALID_JSON,
            null,
            "twice"),
        Refusal.of(
            "a key twice, deep",
            "{\"model\":\"m\",\"messages\":[{\"role\":\"a\",\"role\":\"b\"}]}",
            ErrorCode.INVALID_JSON,
            null,
            "twice"),
        Refusal.of(
            "a number of 101 digits",
            "{\"model\":\"m\",\"seed\":" + "9".repeat(101) + "," + MESSAGES + "}",
            ErrorCode.INVALID_JSON,
            null,
            "more than 100 characters"),
        Refusal.of(
            "no model",
            "{" + MESSAGES + "}",
            ErrorCode.MISSING_REQUIRED_PARAMETER,
            "model",
            "'model'"),
        Refusal.of(
            "null model",
            "{\"model\":null," + MESSAGES + "}",
            ErrorCode.MISSING_REQUIRED_PARAMETER,
            "model",
            "'model'"),
        Refusal.of(
            "model a number",
            "{\"model\":1," + MESSAGES + "}",
            ErrorCode.INVALID_TYPE,
            "model",
            "a string"),
        Refusal.of(
            "model too long",
            "{\"model\":\"" + "m".repeat(257) + "\"," + MESSAGES + "}",
            ErrorCode.INVALID_REQUEST,
            "model",
            "256"),
        Refusal.of(
            "no messages",
            "{\"model\":\"m\"}",
            ErrorCode.MISSING_REQUIRED_PARAMETER,
            "messages",
            "'messages'"),
        Refusal.of(
            "messages a text",
            "{\"model\":\"m\",\"messages\":\"hi\"}",
            ErrorCode.INVALID_TYPE,
            "messages",
            "an array"),
        Refusal.of(
            "messages empty",
            "{\"model\":\"m\",\"messages\":[]}",
            ErrorCode.INVALID_REQUEST,
            "messages",
            "empty"),
        Refusal.of(
            "a message that is no object",
            "{\"model\":\"m\",\"messages\":[{},[[]],7]}",
            ErrorCode.INVALID_TYPE,
            "messages[1]",
            "an object"),
        refusal("\"stream\":\"yes\"", ErrorCode.INVALID_TYPE, "stream", "a boolean"),
        refusal("\"n\":0", ErrorCode.INVALID_REQUEST, "n", "from 1 to 128"),
        refusal("\"n\":1.5", ErrorCode.INVALID_TYPE, "n", "an integer"),
        refusal("\"n\":-99999999999999999999", ErrorCode.INVALID_REQUEST, "n", "from 1 to 128"),
        refusal("\"max_tokens\":0", ErrorCode.INVALID_REQUEST, "max_tokens", "from 1"),
        refusal("\"max_tokens\":\"9\"", ErrorCode.INVALID_TYPE, "max_tokens", "an integer"),
        refusal(
            "\"max_completion_tokens\":99999999999999999999",
            ErrorCode.INVALID_REQUEST,
            "max_completion_tokens",
            "from 1"),
        refusal("\"tools\":{}", ErrorCode.INVALID_TYPE, "tools", "an array"),
        refusal(
            "\"response_format\":\"json\"", ErrorCode.INVALID_TYPE, "response_format", "an object"),
        refusal("\"user\":7", ErrorCode.INVALID_TYPE, "user", "a string"),
        refusal(
            "\"metadata\":{\"tags\":[1]}",
            ErrorCode.INVALID_TYPE,
            "metadata.tags",
            "array of strings"));
  }

  private static Refusal refusal(String field, ErrorCode code, String param, String message) {
    return Refusal.of(
        field, "{\"model\":\"m\"," + MESSAGES + "," + field + "}", code, param, message);
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void badBodiesAreRefusedForTheirOwnReason(Refusal refusal) {
    var parsed = BodyReader.parse(Surface.OPENAI_CHAT, refusal.body());

    assertThat(parsed)
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> {
              assertThat(rejected.code()).isEqualTo(refusal.code());
              assertThat(rejected.param()).isEqualTo(refusal.param());
              assertThat(rejected.message()).contains(refusal.message());
            });
  }

  @Test
  void aSyntaxErrorIsToldWithoutRepeatingTheText() {
    var parsed = BodyReader.parse(Surface.OPENAI_CHAT, utf8("{\"model\":confidential}"));

    assertThat(((Rejected) parsed).message()).doesNotContain("confidential");
  }

  @Test
  void factsOfAPlainRequestAreThoseOfItsDefaults() {
    var body = "{\"model\":\"fast\"," + MESSAGES + "}";

    var parsed = good(Surface.OPENAI_CHAT, body);

    assertThat(parsed.model()).isEqualTo("fast");
    assertThat(parsed.stream()).isFalse();
    assertThat(parsed.endUser()).isNull();
    assertThat(parsed.tags()).isEmpty();
    assertThat(parsed.facts().getChoices()).isEqualTo(1);
    assertThat(parsed.facts().getOutputTokensMax()).isNull();
    assertThat(parsed.facts().getInputTokensBound())
        .isEqualTo(body.length() + TokenBound.PER_REQUEST + TokenBound.PER_MESSAGE);
  }

  @Test
  void everyFactIsFoundWhereverItStands() {
    var parsed =
        good(
            Surface.OPENAI_CHAT,
            """
            {"response_format":{"json_schema":{"name":"a","schema":{"type":"object"}},"type":"json_schema"},
             "tools":[{"type":"function","function":{"name":"a"}},{"type":"function"}],
             "n":3,"max_tokens":10,"max_completion_tokens":20,"stream":true,"user":"u1",
             "metadata":{"tags":["a","b"]},"temperature":1e400,"seed":123456789012345678901234567890,
             "messages":[{"role":"user","content":[
               {"type":"text","text":"what is it?"},
               {"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}],
             "model":"m"}
            """);

    assertThat(parsed.facts().getJsonSchema()).isTrue();
    assertThat(parsed.facts().getTools()).isTrue();
    assertThat(parsed.facts().getImages()).isTrue();
    assertThat(parsed.facts().getStream()).isTrue();
    assertThat(parsed.facts().getChoices()).isEqualTo(3);
    assertThat(parsed.facts().getOutputTokensMax()).isEqualTo(20);
    assertThat(parsed.endUser()).isEqualTo("u1");
    assertThat(parsed.tags()).containsExactly("a", "b");
  }

  @Test
  void anInlineImageCountsByItsAllowanceAndNotByItsBytes() {
    var small = good(Surface.OPENAI_CHAT, image("AAAA"));
    var large = good(Surface.OPENAI_CHAT, image("A".repeat(1_000_000)));

    assertThat(large.facts().getInputTokensBound()).isEqualTo(small.facts().getInputTokensBound());
    assertThat(large.facts().getInputTokensBound()).isGreaterThan(TokenBound.PER_IMAGE);
  }

  @Test
  void aDataUrlThatIsNoImageCountsByItsBytes() {
    var body =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"x\",\"x\":{\"url\":\"data:"
            + "A".repeat(10_000)
            + "\"}}]}]}";

    assertThat(good(Surface.OPENAI_CHAT, body).facts().getInputTokensBound()).isGreaterThan(10_000);
  }

  @Test
  void nullMeansAbsent() {
    var parsed =
        good(
            Surface.OPENAI_CHAT,
            "{\"model\":\"m\",\"n\":null,\"stream\":null,\"max_tokens\":null,\"tools\":null,\"user\":null,"
                + MESSAGES
                + "}");

    assertThat(parsed.facts().getChoices()).isEqualTo(1);
  }

  @Test
  void sixtyFourLevelsAreFine() {
    var deep = "[".repeat(63) + "]".repeat(63);

    assertThat(
            good(Surface.OPENAI_CHAT, "{\"model\":\"m\",\"x\":" + deep + "," + MESSAGES + "}")
                .model())
        .isEqualTo("m");
  }

  @Test
  void tagsMayComeAsOneText() {
    var parsed =
        good(
            Surface.OPENAI_CHAT,
            "{\"model\":\"m\",\"metadata\":{\"tags\":\"a, b,,c\"}," + MESSAGES + "}");

    assertThat(parsed.tags()).containsExactly("a", "b", "c");
  }

  @Test
  void embeddingsTakeTextsAndTokens() {
    for (var input : List.of("\"hi\"", "[\"a\",\"b\"]", "[1,2,3]", "[[1,2],[3]]")) {
      assertThat(
              good(Surface.OPENAI_EMBEDDINGS, "{\"model\":\"e\",\"input\":" + input + "}").model())
          .isEqualTo("e");
    }
    for (var input : List.of("\"\"", "[]")) {
      var parsed =
          BodyReader.parse(
              Surface.OPENAI_EMBEDDINGS, utf8("{\"model\":\"e\",\"input\":" + input + "}"));
      assertThat(((Rejected) parsed).param()).isEqualTo("input");
    }
  }

  @Test
  void aPartOfAnArrayIsReadAsIfItStoodAlone() {
    var body = "{\"model\":\"m\"," + MESSAGES + "}";
    var line = utf8("{\"body\":" + body + "}");

    var parsed = BodyReader.parse(Surface.OPENAI_CHAT, line, 8, body.length());

    assertThat(parsed).isEqualTo(BodyReader.parse(Surface.OPENAI_CHAT, utf8(body)));
  }

  @Test
  void multiByteCharactersPassAtEveryAlignment() {
    for (int pad = 0; pad < 17; pad++) {
      var text = "a".repeat(pad) + "é€😀" + "b".repeat(pad);
      var body = "{\"model\":\"" + text + "\"," + MESSAGES + "}";

      assertThat(good(Surface.OPENAI_CHAT, body).model()).isEqualTo(text);
    }
  }

  private static String image(String data) {
    return "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":"
        + "{\"url\":\"data:image/png;base64,"
        + data
        + "\"}}]}]}";
  }

  private static ParsedBody good(Surface surface, String body) {
    var parsed = BodyReader.parse(surface, utf8(body));
    assertThat(parsed).isInstanceOf(ParsedBody.class);
    return (ParsedBody) parsed;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
