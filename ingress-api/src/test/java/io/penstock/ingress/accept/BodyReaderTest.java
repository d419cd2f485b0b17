package io.penstock.ingress.accept;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.RoutePreferences;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BodyReaderTest {

  private static final ObjectMapper JSON = new ObjectMapper();
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
  void theServiceTierIsReadForThePriceAndLeftToTheProviderToJudge() {
    assertThat(tier("\"flex\"")).isEqualTo("flex");
    assertThat(tier("\"of my own\"")).isEqualTo("of my own");
    assertThat(tier("null")).isNull();
    assertThat(tier("7")).isNull();
    assertThat(tier("[\"flex\"]")).isNull();
    assertThat(tier("\"" + "x".repeat(65) + "\"")).isNull();
  }

  private static @Nullable String tier(String json) {
    var body = "{\"service_tier\":" + json + ",\"model\":\"m\"," + MESSAGES + "}";
    var parsed = BodyReader.parse(Surface.OPENAI_CHAT, body.getBytes(StandardCharsets.UTF_8));
    assertThat(parsed).isInstanceOf(ParsedBody.class);
    return ((ParsedBody) parsed).serviceTier();
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

  @Test
  void responsesAreReadInTheirOwnWords() {
    var parsed =
        good(
            Surface.OPENAI_RESPONSES,
            """
            {"model":"m","instructions":"be brief","max_output_tokens":7,"stream":true,"background":false,
             "previous_response_id":null,"tools":[{"type":"function"}],
             "text":{"verbosity":"low","format":{"type":"json_schema","name":"a","schema":{"type":"object"}}},
             "metadata":{"team":"a","long":"%s","n":1},"safety_identifier":"u2",
             "input":[{"role":"user","content":[{"type":"input_text","text":"hi"},
               {"type":"input_image","image_url":"data:image/png;base64,%s"},
               {"type":"input_audio","input_audio":{"data":"AA","format":"wav"}}]},
              {"role":"assistant","content":"well"}]}
            """
                .formatted("x".repeat(513), "A".repeat(200_000)));

    var facts = parsed.facts();
    assertThat(facts.getOutputTokensMax()).isEqualTo(7);
    assertThat(facts.getStream()).isTrue();
    assertThat(facts.getTools()).isTrue();
    assertThat(facts.getJsonSchema()).isTrue();
    assertThat(facts.getImages()).isTrue();
    assertThat(facts.getAudio()).isTrue();
    assertThat(facts.getPrefill()).isTrue();
    assertThat(facts.getInputTokensBound()).isBetween(TokenBound.PER_IMAGE, 60_000L);
    assertThat(facts.getMetadata()).containsExactly(Map.entry("team", "a"));
    assertThat(parsed.endUser()).isEqualTo("u2");
    assertThat(good(Surface.OPENAI_RESPONSES, "{\"model\":\"m\",\"input\":\"hi\"}").stream())
        .isFalse();
  }

  @Test
  void messagesAreReadInTheirOwnWords() {
    var parsed =
        good(
            Surface.ANTHROPIC_MESSAGES,
            """
            {"model":"m","max_tokens":9,"system":[{"type":"text","text":"be brief"}],
             "metadata":{"user_id":"u3"},"tools":[{"name":"a","input_schema":{"type":"object"}}],
             "output_config":{"format":{"type":"json_schema","schema":{}}},
             "messages":[{"role":"user","content":[
               {"source":{"type":"base64","media_type":"image/png","data":"%s"},"type":"image"},
               {"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"data":"%s"}}]}]},
              {"role":"assistant","content":[{"type":"text","text":"well"}]}]}
            """
                .formatted("A".repeat(200_000), "A".repeat(100_000)));

    var facts = parsed.facts();
    assertThat(facts.getOutputTokensMax()).isEqualTo(9);
    assertThat(facts.getTools()).isTrue();
    assertThat(facts.getJsonSchema()).isTrue();
    assertThat(facts.getImages()).isTrue();
    assertThat(facts.getPrefill()).isTrue();
    assertThat(facts.getInputTokensBound())
        .isBetween(2 * TokenBound.PER_IMAGE, 2 * TokenBound.PER_IMAGE + 2_000);
    assertThat(parsed.endUser()).isEqualTo("u3");
  }

  @Test
  void theArgumentsOfAToolCallThatLookLikeAnImageCountByTheirBytes() {
    var parsed =
        good(
            Surface.ANTHROPIC_MESSAGES,
            """
            {"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":[
             {"type":"tool_use","id":"t","name":"n","input":{"type":"image","content":
              [{"type":"image","source":{"data":"%s"}}]}}]}]}
            """
                .formatted("A".repeat(200_000)));

    assertThat(parsed.facts().getImages()).isFalse();
    assertThat(parsed.facts().getInputTokensBound()).isGreaterThan(200_000);
  }

  @Test
  void whatASurfaceNeedsOrCannotDoIsTold() {
    assertRejected(
        Surface.ANTHROPIC_MESSAGES,
        "{\"model\":\"m\"," + MESSAGES + "}",
        ErrorCode.MISSING_REQUIRED_PARAMETER,
        "max_tokens");
    assertRejected(
        Surface.ANTHROPIC_MESSAGES,
        "{\"model\":\"m\",\"max_tokens\":1,\"metadata\":{\"user_id\":7}," + MESSAGES + "}",
        ErrorCode.INVALID_TYPE,
        "metadata.user_id");
    assertRejected(
        Surface.OPENAI_RESPONSES,
        "{\"model\":\"m\"}",
        ErrorCode.MISSING_REQUIRED_PARAMETER,
        "input");
    for (var field :
        List.of("\"background\":true", "\"previous_response_id\":\"r\"", "\"conversation\":{}")) {
      assertRejected(
          Surface.OPENAI_RESPONSES,
          "{\"model\":\"m\",\"input\":\"hi\"," + field + "}",
          ErrorCode.UNSUPPORTED_PARAMETER,
          field.substring(1, field.indexOf('"', 1)));
    }
  }

  @Test
  void preferencesAreReadAndDoNotGoOnToTheProvider() {
    var body =
        """
        {"models":["m","b"], "model":"m","provider":{"order":["x"],"only":["x","y"],"ignore":[],"sort":"price",
         "max_price":{"prompt":1.50,"completion":"2"},"allow_fallbacks":false}, "messages":[{"role":"user","content":"hi"}] ,
         "fallbacks":["c","b"] }""";

    var parsed = good(Surface.OPENAI_CHAT, body);

    assertThat(parsed.preferences())
        .isEqualTo(
            RoutePreferences.newBuilder()
                .setModels(List.of("b", "c"))
                .setOrder(List.of("x"))
                .setOnly(List.of("x", "y"))
                .setSort("price")
                .setMaxPriceInput("1.50")
                .setMaxPriceOutput("2")
                .setAllowFallbacks(false)
                .build());
    assertThat(parsed.models()).containsExactly("m", "b", "c");
    assertThat(new String(parsed.forwarded(utf8(body)), StandardCharsets.UTF_8))
        .isEqualTo("{ \"model\":\"m\", \"messages\":[{\"role\":\"user\",\"content\":\"hi\"}] }");
  }

  @Test
  void aBodyWithoutPreferencesGoesOnAsTheSameBytes() {
    var body = utf8("{\"model\":\"m\"," + MESSAGES + "}");

    var parsed = (ParsedBody) BodyReader.parse(Surface.OPENAI_CHAT, body);

    assertThat(parsed.preferences()).isNull();
    assertThat(parsed.forwarded(body)).isSameAs(body);
  }

  @Test
  void whereverPreferencesStandTheRestStaysJson() throws IOException {
    var random = new Random(7);
    var own = List.of("\"models\": [\"b\"]", "\"provider\":null", "\"fallbacks\" :[ ]");
    for (int round = 0; round < 500; round++) {
      var fields = new ArrayList<>(List.of("\"model\":\"m\"", MESSAGES, "\"x\":{\"models\":[1]}"));
      for (var field : own) {
        if (random.nextBoolean()) {
          fields.add(field);
        }
      }
      Collections.shuffle(fields, random);
      var blank = random.nextBoolean() ? "" : " \n";
      var body = utf8("{" + blank + String.join(blank + "," + blank, fields) + blank + "}");

      var parsed = (ParsedBody) BodyReader.parse(Surface.OPENAI_CHAT, body);

      var expected = JSON.readTree(body);
      ((ObjectNode) expected).remove(List.of("models", "provider", "fallbacks"));
      assertThat(JSON.readTree(parsed.forwarded(body))).isEqualTo(expected);
    }
  }

  @Test
  void badPreferencesAreRefusedByName() {
    assertPreference("\"models\":\"b\"", ErrorCode.INVALID_TYPE, "models");
    assertPreference("\"fallbacks\":[{\"a\":1}]", ErrorCode.INVALID_TYPE, "fallbacks");
    assertPreference("\"models\":[\"\"]", ErrorCode.INVALID_REQUEST, "models");
    assertPreference("\"provider\":[]", ErrorCode.INVALID_TYPE, "provider");
    assertPreference("\"provider\":{\"order\":\"x\"}", ErrorCode.INVALID_TYPE, "provider.order");
    assertPreference(
        "\"provider\":{\"sort\":\"throughput\"}", ErrorCode.INVALID_REQUEST, "provider.sort");
    assertPreference(
        "\"provider\":{\"zdr\":true}", ErrorCode.UNSUPPORTED_PARAMETER, "provider.zdr");
    assertPreference(
        "\"provider\":{\"allow_fallbacks\":\"no\"}",
        ErrorCode.INVALID_TYPE,
        "provider.allow_fallbacks");
    assertPreference(
        "\"provider\":{\"max_price\":{\"prompt\":-1}}",
        ErrorCode.INVALID_REQUEST,
        "provider.max_price.prompt");
    assertPreference(
        "\"provider\":{\"max_price\":{\"prompt\":1e999999999}}",
        ErrorCode.INVALID_REQUEST,
        "provider.max_price.prompt");
    assertPreference(
        "\"provider\":{\"max_price\":{\"image\":1}}",
        ErrorCode.UNSUPPORTED_PARAMETER,
        "provider.max_price.image");
  }

  private static void assertPreference(String field, ErrorCode code, String param) {
    assertRejected(
        Surface.OPENAI_CHAT, "{\"model\":\"m\"," + MESSAGES + "," + field + "}", code, param);
  }

  private static void assertRejected(Surface surface, String body, ErrorCode code, String param) {
    assertThat(BodyReader.parse(surface, utf8(body)))
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> {
              assertThat(rejected.param()).isEqualTo(param);
              assertThat(rejected.code()).isEqualTo(code);
            });
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
