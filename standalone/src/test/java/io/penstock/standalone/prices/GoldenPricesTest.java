package io.penstock.standalone.prices;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.router.price.PriceSchedule;
import io.penstock.router.price.Pricing;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.ChargeLine;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.standalone.prices.PriceList.Format;
import io.penstock.worker.dialect.ProviderDialect;
import io.penstock.worker.dialect.ProviderDialect.Endpoint;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.ProviderDialects;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Usage that real providers sent, from the bytes to the nano-USD: our dialects read it, our price
 * book, imported from genai-prices, prices it, and genai-prices' own prices of the same bodies are
 * what has to come out.
 */
final class GoldenPricesTest {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  /** When the golden prices were made: after the dates of some prices, before those of others. */
  private static final Instant AT = Instant.parse("2026-07-24T00:00:00Z");

  /** Shapes of usage by what speaks it, as a reader would tell them apart. */
  private enum Shape {
    CHAT(List.of("chat", "default")),
    RESPONSES(List.of("responses")),
    MESSAGES(List.of("anthropic", "default")),
    GEMINI(List.of("default"));

    private final List<String> flavours;

    Shape(List<String> flavours) {
      this.flavours = flavours;
    }
  }

  private static final String NO_DIALECT = "a dialect of its own, which there is not";
  private static final String NO_PRICE = "the list names the model, and no price";
  private static final String CACHED_AUDIO =
      "audio read from a cache has a price of its own there, and that of all that is cached here";
  private static final String IMAGES_OUT =
      "the golden price is of a later list, which has another price for the text beside an image";
  private static final String REPAIRED =
      "the total counts thoughts that the parts have lost, and decides here";
  private static final String CACHE_WRITES =
      "OpenAI's cache writes are counted and priced here, and not seen there";

  /** Why a price may differ, and how often it does. */
  private static final Map<String, Integer> DIFFERENCES =
      Map.of(
          NO_DIALECT, 141,
          NO_PRICE, 2,
          CACHED_AUDIO, 1,
          IMAGES_OUT, 4,
          REPAIRED, 1,
          CACHE_WRITES, 2);

  @Test
  void led05EveryUsageIsPricedToTheNanoAsTheGoldenPriceHasIt() throws IOException {
    var golden = JSON.readTree(PriceListTest.list("usage-golden.json"));
    var list = PriceListTest.list("genai-prices.data.json");
    var prices = PriceListTest.entries(PriceList.read(Format.GENAI_PRICES, list, name -> true));
    var providers = JSON.readTree(list);
    var differences = new TreeMap<String, Integer>();
    var equal = 0;

    for (var entry : golden) {
      var body = entry.path("body");
      var shape = shape(body);
      if (shape == null) {
        differences.merge(NO_DIALECT, 1, Integer::sum);
        continue;
      }
      var usage = usage(shape, counted(body));
      for (var reading : entry.path("extracted")) {
        for (var extractor : reading.path("extractors")) {
          if (!extractor.has("input_price") || !speaks(extractor, shape)) {
            continue;
          }
          var provider = extractor.path("provider_id").asText();
          var model = model(providers, provider, entry.path("model").asText());
          var price = model == null ? null : prices.get(model);
          if (price == null) {
            differences.merge(model == null ? "no such model" : NO_PRICE, 1, Integer::sum);
            continue;
          }
          var difference = difference(usage, price, extractor, reading.path("usage"), body);
          if (difference == null) {
            equal++;
          } else {
            differences.merge(difference, 1, Integer::sum);
          }
        }
      }
    }

    assertThat(differences).containsExactlyInAnyOrderEntriesOf(DIFFERENCES);
    assertThat(equal).isEqualTo(1_619);
  }

  /** Why the price is another one; null when it is the same. */
  private static @Nullable String difference(
      TokenUsage usage, PriceEntry price, JsonNode extractor, JsonNode other, JsonNode body) {
    var phase = PriceSchedule.of(price).at(AT);
    assertThat(phase).isNotNull();
    var priced = Pricing.cost(usage, phase.price().getLines(), null);
    var input = sum(priced.lines(), "input_");
    var output = sum(priced.lines(), "output_");
    var goldenInput = nano(extractor.path("input_price"));
    var goldenOutput = nano(extractor.path("output_price"));
    if (input == goldenInput && output == goldenOutput) {
      return null;
    }
    return reason(price.getName(), usage, other, counted(body), input == goldenInput)
        .orElseGet(
            () ->
                "%s: input %d, not %d, output %d, not %d, for %s"
                    .formatted(
                        price.getName(), input, goldenInput, output, goldenOutput, counted(body)));
  }

  private static Optional<String> reason(
      String price, TokenUsage usage, JsonNode other, JsonNode counted, boolean sameInput) {
    if (other.has("cache_audio_read_tokens") && !sameInput) {
      return Optional.of(CACHED_AUDIO);
    }
    if (price.contains("-image") && sameInput) {
      return Optional.of(IMAGES_OUT);
    }
    var lost =
        counted.path("total_tokens").asLong()
            - counted.path("prompt_tokens").asLong()
            - counted.path("completion_tokens").asLong();
    if (counted.has("prompt_tokens") && lost > 0 && sameInput) {
      return Optional.of(REPAIRED);
    }
    var written = usage.getInputCacheWrite5m();
    return written != null && written > 0 && !other.has("cache_write_tokens") && !sameInput
        ? Optional.of(CACHE_WRITES)
        : Optional.empty();
  }

  private static long sum(List<ChargeLine> lines, String family) {
    return lines.stream()
        .filter(line -> line.getTokenClass().startsWith(family))
        .mapToLong(ChargeLine::getAmountNanoUsd)
        .sum();
  }

  private static long nano(JsonNode usd) {
    return new BigDecimal(usd.asText())
        .movePointRight(9)
        .setScale(0, RoundingMode.HALF_EVEN)
        .longValueExact();
  }

  /** Whether an extractor reads the shape the way the dialect of the shape does. */
  private static boolean speaks(JsonNode extractor, Shape shape) {
    return shape.flavours.contains(extractor.path("api_flavor").asText());
  }

  /** The name of the price that genai-prices finds for a model at a provider. */
  private static @Nullable String model(JsonNode providers, String provider, String model) {
    for (var candidate : providers) {
      if (candidate.path("id").asText().equals(provider)) {
        for (var each : candidate.path("models")) {
          if (matches(each.path("match"), model)) {
            return provider + "/" + each.path("id").asText();
          }
        }
        for (var fallback : candidate.path("fallback_model_providers")) {
          var found = model(providers, fallback.asText(), model);
          if (found != null) {
            return found;
          }
        }
      }
    }
    return null;
  }

  private static boolean matches(JsonNode clause, String model) {
    var name = model.toLowerCase(Locale.ROOT);
    for (var field : clause.properties()) {
      var value = field.getValue();
      var text = value.asText().toLowerCase(Locale.ROOT);
      var matches =
          switch (field.getKey()) {
            case "equals" -> name.equals(text);
            case "starts_with" -> name.startsWith(text);
            case "ends_with" -> name.endsWith(text);
            case "contains" -> name.contains(text);
            case "regex" -> Pattern.compile(value.asText()).matcher(model).find();
            case "or" -> value.valueStream().anyMatch(each -> matches(each, model));
            case "and" -> value.valueStream().allMatch(each -> matches(each, model));
            default -> throw new AssertionError("unknown clause " + field);
          };
      if (matches) {
        return true;
      }
    }
    return false;
  }

  private static JsonNode counted(JsonNode body) {
    return body.has("usageMetadata") ? body.path("usageMetadata") : body.path("usage");
  }

  private static @Nullable Shape shape(JsonNode body) {
    var usage = counted(body);
    if (body.has("usageMetadata")) {
      return Shape.GEMINI;
    }
    if (usage.has("inputTokens") || !usage.isObject() || usage.has("billed_units")) {
      return null;
    }
    if (usage.has("prompt_tokens")) {
      return Shape.CHAT;
    }
    return usage.has("input_tokens_details") ? Shape.RESPONSES : Shape.MESSAGES;
  }

  /** What the dialect makes of a whole answer with this usage. */
  private static TokenUsage usage(Shape shape, JsonNode usage) {
    var read = dialect(shape).read(call(), answer(shape, usage), Instant.EPOCH);
    assertThat(read).isInstanceOf(Read.Answered.class);
    return ((Read.Answered) read).answer().usage();
  }

  private static ProviderDialect dialect(Shape shape) {
    var named =
        ProviderDialects.named(
            switch (shape) {
              case CHAT, RESPONSES -> "openai";
              case MESSAGES -> "anthropic";
              case GEMINI -> "gemini";
            });
    assertThat(named).isNotNull();
    var speaking =
        shape == Shape.RESPONSES
            ? named.speaking(Surface.OPENAI_RESPONSES, new Endpoint("api.openai.com", null))
            : named;
    assertThat(speaking).isNotNull();
    return speaking;
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
        };
    return (answer + usage + "}").getBytes(StandardCharsets.UTF_8);
  }

  private static CallAssigned call() {
    return CallAssigned.newBuilder()
        .setRequestId("r")
        .setOrganization("o")
        .setAttempt(1)
        .setPool("p")
        .setUpstreamModel("m")
        .setSurface(Surface.OPENAI_CHAT)
        .setLane(Lane.INTERACTIVE)
        .setAnswerTo(AnswerTo.REPLY)
        .setFacts(RequestFacts.newBuilder().setInputTokensBound(1L).build())
        .setBody(new Payload(ByteBuffer.allocate(0), null, 0L, null))
        .setAssignedAt(Instant.EPOCH)
        .setDeadlineAt(Instant.EPOCH)
        .build();
  }
}
