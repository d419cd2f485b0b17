package io.penstock.worker.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.ProviderDialect.Endpoint;
import io.penstock.worker.dialect.ProviderDialect.Read;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Usage that real providers sent, class by class beside another reading of the same bodies: the
 * golden file holds what genai-prices' own extractors make of them.
 */
class UsageGoldenTest {

  private static final Path GOLDEN = Path.of("../../shared/data/prices/usage-golden.json");

  /** By the names of fields, the way a reader would tell them apart. */
  private enum Shape {
    CHAT,
    RESPONSES,
    MESSAGES,
    GEMINI,
    BEDROCK,
    COHERE
  }

  /** Shapes that no dialect speaks, and why. */
  private static final Map<Shape, String> NOT_COVERED =
      Map.of(
          Shape.BEDROCK, "Bedrock's Converse is a dialect of its own, which there is not",
          Shape.COHERE, "Cohere's own API is a dialect of its own, which there is not");

  /** Why the two readings may differ, and how often they do. */
  private static final Map<String, Integer> DIFFERENCES =
      Map.of(
          "pages of documents are pictures there, and text here, as Google prices them", 9,
          "cached tokens have another name at Mistral, Moonshot and DeepSeek", 14,
          "the total counts thoughts that the parts have lost, and decides here", 2);

  @Test
  void everyUsageIsReadAsTheOtherReadingHasItButForTheDifferencesThatAreNamed() {
    var differences = new TreeMap<String, Integer>();
    var counts = new EnumMap<Shape, Integer>(Shape.class);

    for (var entry : entries()) {
      var body = entry.path("body");
      var shape = shape(body);
      counts.merge(shape, 1, Integer::sum);
      if (!NOT_COVERED.containsKey(shape)) {
        var usage = usage(shape, body);
        assertThat(usage.getSource()).isEqualTo(UsageSource.PROVIDER);
        assertThat(raw(usage)).isEqualTo(counted(body).toString());
        compare(body, classes(usage), expected(shape, entry), differences);
      }
    }

    assertThat(differences).containsExactlyInAnyOrderEntriesOf(DIFFERENCES);
    assertThat(counts)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                Shape.CHAT, 242,
                Shape.RESPONSES, 154,
                Shape.MESSAGES, 145,
                Shape.GEMINI, 267,
                Shape.BEDROCK, 132,
                Shape.COHERE, 9));
  }

  private static JsonNode entries() {
    Assumptions.assumeTrue(
        Files.isReadable(GOLDEN), () -> "skipped: recorded usage is not at " + GOLDEN);
    try {
      return Json.MAPPER.readTree(Files.readAllBytes(GOLDEN));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode counted(JsonNode body) {
    return body.has("usageMetadata") ? body.path("usageMetadata") : body.path("usage");
  }

  private static Shape shape(JsonNode body) {
    var usage = counted(body);
    if (body.has("usageMetadata")) {
      return Shape.GEMINI;
    }
    if (usage.has("inputTokens")) {
      return Shape.BEDROCK;
    }
    if (!usage.isObject() || usage.has("billed_units")) {
      return Shape.COHERE;
    }
    if (usage.has("prompt_tokens")) {
      return Shape.CHAT;
    }
    return usage.has("input_tokens_details") ? Shape.RESPONSES : Shape.MESSAGES;
  }

  /** What the dialect makes of a whole answer with this usage. */
  private static TokenUsage usage(Shape shape, JsonNode body) {
    var dialect = dialect(shape);
    var read = dialect.read(call(), answer(shape, counted(body)), Instant.EPOCH);
    assertThat(read).as(body.toString()).isInstanceOf(Read.Answered.class);
    return ((Read.Answered) read).answer().usage();
  }

  private static ProviderDialect dialect(Shape shape) {
    var openAi = named("openai");
    return switch (shape) {
      case CHAT -> openAi;
      case RESPONSES -> {
        var speaking =
            openAi.speaking(Surface.OPENAI_RESPONSES, new Endpoint("api.openai.com", null));
        assertThat(speaking).isNotNull();
        yield speaking;
      }
      case MESSAGES -> named("anthropic");
      case GEMINI -> named("gemini");
      case BEDROCK, COHERE -> throw new IllegalArgumentException(NOT_COVERED.get(shape));
    };
  }

  private static ProviderDialect named(String name) {
    var dialect = ProviderDialects.named(name);
    assertThat(dialect).isNotNull();
    return dialect;
  }

  private static byte[] answer(Shape shape, JsonNode usage) {
    var answer =
        switch (shape) {
          case CHAT ->
              "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}],\"usage\":";
          case RESPONSES ->
              "{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":["
                  + "{\"type\":\"output_text\",\"text\":\"x\"}]}],\"usage\":";
          case MESSAGES ->
              "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"x\"}],"
                  + "\"stop_reason\":\"end_turn\",\"usage\":";
          case GEMINI ->
              "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]},"
                  + "\"finishReason\":\"STOP\"}],\"usageMetadata\":";
          case BEDROCK, COHERE -> throw new IllegalArgumentException(NOT_COVERED.get(shape));
        };
    return (answer + usage + "}").getBytes(StandardCharsets.UTF_8);
  }

  private static CallAssigned call() {
    return Exchanged.call(Surface.OPENAI_CHAT, "m");
  }

  private static String raw(TokenUsage usage) {
    var raw = usage.getRaw();
    return raw == null ? "" : StandardCharsets.UTF_8.decode(raw.duplicate()).toString();
  }

  private static Map<String, Long> classes(TokenUsage usage) {
    var written = orZero(usage.getInputCacheWrite5m()) + orZero(usage.getInputCacheWrite1h());
    var read = orZero(usage.getInputCacheRead());
    var audio = orZero(usage.getInputAudio());
    var image = orZero(usage.getInputImage());
    var classes = new TreeMap<String, Long>();
    classes.put("input", orZero(usage.getInputUncached()) + read + written + audio + image);
    classes.put("cache read", read);
    classes.put("cache write", written);
    classes.put("uncached audio", audio);
    classes.put("uncached image", image);
    classes.put(
        "output",
        orZero(usage.getOutputText())
            + orZero(usage.getOutputReasoning())
            + orZero(usage.getOutputAudio())
            + orZero(usage.getOutputImage()));
    classes.put("reasoning", orZero(usage.getOutputReasoning()));
    classes.put("output image", orZero(usage.getOutputImage()));
    classes.put("searches", orZero(usage.getToolUnits().get("web_search_requests")));
    return classes;
  }

  private static Map<String, Long> expected(Shape shape, JsonNode entry) {
    var other = reading(shape, entry.path("extracted"));
    var classes = new TreeMap<String, Long>();
    classes.put("input", other.path("input_tokens").asLong());
    classes.put("cache read", other.path("cache_read_tokens").asLong());
    classes.put("cache write", other.path("cache_write_tokens").asLong());
    classes.put("uncached audio", uncached(other, "audio"));
    classes.put("uncached image", uncached(other, "image"));
    classes.put("output", other.path("output_tokens").asLong());
    classes.put("reasoning", other.path("output_reasoning_tokens").asLong());
    classes.put("output image", other.path("output_image_tokens").asLong());
    classes.put("searches", other.path("web_searches").asLong());
    return classes;
  }

  private static long uncached(JsonNode usage, String kind) {
    return usage.path("input_" + kind + "_tokens").asLong()
        - usage.path("cache_" + kind + "_read_tokens").asLong();
  }

  /** The reading of the provider whose shape it is; others read the same bodies otherwise. */
  private static ObjectNode reading(Shape shape, JsonNode readings) {
    for (var reading : readings) {
      for (var extractor : reading.path("extractors")) {
        var flavour = extractor.path("api_flavor").asText();
        var fits =
            switch (extractor.path("provider_id").asText()) {
              case "openai" ->
                  shape == Shape.CHAT
                      ? flavour.equals("chat") || flavour.equals("default")
                      : shape == Shape.RESPONSES && flavour.equals("responses");
              case "anthropic" -> shape == Shape.MESSAGES && flavour.equals("default");
              case "google" -> shape == Shape.GEMINI && flavour.equals("default");
              default -> false;
            };
        if (fits && reading.path("usage") instanceof ObjectNode usage) {
          return usage;
        }
      }
    }
    throw new AssertionError("no other reading of " + readings);
  }

  private static void compare(
      JsonNode body,
      Map<String, Long> ours,
      Map<String, Long> others,
      Map<String, Integer> differences) {
    ours.forEach(
        (name, count) -> {
          var other = orZero(others.get(name));
          if (count != other) {
            differences.merge(reason(counted(body), name, count - other), 1, Integer::sum);
          }
        });
  }

  /** Why our count is so much more than the other; itself when there is no good reason. */
  private static String reason(JsonNode usage, String name, long more) {
    var documents =
        tokens(usage.path("promptTokensDetails"), "DOCUMENT")
            - tokens(usage.path("cacheTokensDetails"), "DOCUMENT");
    if (name.equals("uncached image") && more == -documents) {
      return "pages of documents are pictures there, and text here, as Google prices them";
    }
    var cached =
        usage.path("num_cached_tokens").asLong()
            + usage.path("cached_tokens").asLong()
            + usage.path("prompt_cache_hit_tokens").asLong();
    if (name.equals("cache read") && more == cached) {
      return "cached tokens have another name at Mistral, Moonshot and DeepSeek";
    }
    var lost =
        usage.path("total_tokens").asLong()
            - usage.path("prompt_tokens").asLong()
            - usage.path("completion_tokens").asLong();
    return (name.equals("output") || name.equals("reasoning")) && more == lost
        ? "the total counts thoughts that the parts have lost, and decides here"
        : name + " " + more + " more of " + usage;
  }

  private static long tokens(JsonNode details, String modality) {
    return details
        .valueStream()
        .filter(detail -> detail.path("modality").asText().equals(modality))
        .mapToLong(detail -> detail.path("tokenCount").asLong())
        .sum();
  }

  private static long orZero(@Nullable Long count) {
    return count == null ? 0 : count;
  }
}
