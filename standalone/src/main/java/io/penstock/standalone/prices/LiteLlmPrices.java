package io.penstock.standalone.prices;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.standalone.prices.ImportedPrice.Lines;
import io.penstock.standalone.prices.ImportedPrice.Place;
import io.penstock.standalone.prices.PriceList.Collected;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * LiteLLM's list: one flat object a model, USD per token, what a price is for in the name of its
 * field: {@code cache_read_input_token_cost_above_200k_tokens_priority}.
 */
final class LiteLlmPrices {

  private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1_000);
  private static final int FACTOR_DECIMALS = 9;

  private static final String INPUT = "input_uncached";
  private static final String AUDIO = "input_audio";

  /** Per token or unit, without what limits them. */
  private static final Map<String, String> CLASSES =
      Map.ofEntries(
          Map.entry("input_cost_per_token", INPUT),
          Map.entry("output_cost_per_token", "output_text"),
          Map.entry("cache_read_input_token_cost", "input_cache_read"),
          Map.entry("input_cost_per_token_cache_hit", "input_cache_read"),
          Map.entry("cache_creation_input_token_cost", "input_cache_write_5m"),
          Map.entry("cache_creation_input_token_cost_above_1hr", "input_cache_write_1h"),
          Map.entry("input_cost_per_audio_token", AUDIO),
          Map.entry("output_cost_per_audio_token", "output_audio"),
          Map.entry("input_cost_per_image_token", "input_image"),
          Map.entry("output_cost_per_image_token", "output_image"),
          Map.entry("output_cost_per_reasoning_token", "output_reasoning"),
          Map.entry("input_cost_per_image", "tool_units.input_images"),
          Map.entry("output_cost_per_image", "tool_units.output_images"),
          Map.entry("input_cost_per_pixel", "tool_units.input_pixels"),
          Map.entry("output_cost_per_pixel", "tool_units.output_pixels"),
          Map.entry("input_cost_per_second", "tool_units.input_seconds"),
          Map.entry("output_cost_per_second", "tool_units.output_seconds"),
          Map.entry("input_cost_per_audio_per_second", "tool_units.input_audio_seconds"),
          Map.entry("input_cost_per_video_per_second", "tool_units.input_video_seconds"),
          Map.entry("output_cost_per_video_per_second", "tool_units.output_video_seconds"),
          Map.entry("input_cost_per_character", "tool_units.input_characters"),
          Map.entry("output_cost_per_character", "tool_units.output_characters"),
          Map.entry("input_cost_per_query", "tool_units.queries"),
          Map.entry("input_cost_per_request", "tool_units.requests"),
          Map.entry("ocr_cost_per_page", "tool_units.pages"),
          Map.entry("annotation_cost_per_page", "tool_units.annotated_pages"),
          Map.entry("code_interpreter_cost_per_session", "tool_units.code_interpreter_sessions"));

  /** Per thousand. */
  private static final Map<String, String> CLASSES_PER_THOUSAND =
      Map.of("file_search_cost_per_1k_calls", "tool_units.file_search_requests");

  /** What a price is for, above how many tokens, in which tier. */
  private static final Pattern FIELD =
      Pattern.compile("(.+?)(?:_above_(\\d{1,5})k_tokens)?(?:_(batches|flex|priority))?");

  private static final String BATCHES = "batches";

  /** An example of the format, not a model. */
  private static final String SAMPLE = "sample_spec";

  private LiteLlmPrices() {}

  static void read(JsonNode root, Collected collected) {
    if (!root.isObject() || root.isEmpty()) {
      collected.error("the list", "must be an object of models by name");
      return;
    }
    root.properties()
        .forEach(
            model -> {
              if (!model.getKey().equals(SAMPLE) && collected.wants(model.getKey())) {
                model(model.getKey(), model.getValue(), collected);
              }
            });
  }

  private static void model(String name, JsonNode model, Collected collected) {
    if (!model.isObject()) {
      if (!model.isTextual()) {
        collected.error(name, "must be an object");
      }
      // a text is about the list, such as when it was made
      return;
    }
    var lines = new Lines();
    var batches = new Lines();
    for (var field : model.properties()) {
      field(name, field.getKey(), field.getValue(), lines, batches, collected);
    }
    tiered(name, model.path("tiered_pricing"), lines, collected);
    searches(name, model.path("search_context_cost_per_query"), lines, collected);
    audio(model, lines);
    collected.take(
        new ImportedPrice(name, "litellm " + name, factor(lines, batches), lines, List.of()));
  }

  private static void field(
      String model, String field, JsonNode value, Lines lines, Lines batches, Collected collected) {
    if (!field.contains("cost") || field.equals("search_context_cost_per_query")) {
      return;
    }
    if (value.isNull()) {
      return;
    }
    var matcher = FIELD.matcher(field);
    var base = matcher.matches() ? matcher.group(1) : field;
    var tokenClass = CLASSES.get(base);
    var thousandClass = CLASSES_PER_THOUSAND.get(base);
    if (tokenClass == null && thousandClass == null) {
      collected.note("fields " + field);
      return;
    }
    var price =
        collected.price(model + "." + field, value, tokenClass == null ? THOUSAND : MILLION);
    if (price == null) {
      return;
    }
    var tier = matcher.group(3);
    var batch = BATCHES.equals(tier);
    var above = matcher.group(2) == null ? 0 : 1000 * Long.parseLong(matcher.group(2));
    var place = new Place(above, batch ? null : tier);
    (batch ? batches : lines)
        .add(place, tokenClass == null ? String.valueOf(thousandClass) : tokenClass, price);
  }

  /** Ranges of prompts; each begins where the one before ends. */
  private static void tiered(String model, JsonNode tiers, Lines lines, Collected collected) {
    for (var tier : tiers) {
      var from = tier.path("range").path(0);
      if (!from.isNumber()) {
        collected.note("tiers by something else than the size of the prompt");
        continue;
      }
      var place = new Place(from.decimalValue().longValue(), null);
      for (var field : tier.properties()) {
        var tokenClass = CLASSES.get(field.getKey());
        if (tokenClass != null) {
          var where = model + ".tiered_pricing." + field.getKey();
          var price = collected.price(where, field.getValue(), MILLION);
          if (price != null) {
            lines.add(place, tokenClass, price);
          }
        }
      }
    }
  }

  /** Nobody says afterwards how much context a search took: the dearest. */
  private static void searches(String model, JsonNode sizes, Lines lines, Collected collected) {
    BigDecimal dearest = null;
    for (var size : sizes.properties()) {
      var where = model + ".search_context_cost_per_query." + size.getKey();
      var price = collected.price(where, size.getValue(), MILLION);
      if (price != null && (dearest == null || price.compareTo(dearest) > 0)) {
        dearest = price;
      }
    }
    if (dearest != null) {
      lines.add(Place.ALWAYS, "tool_units.web_search_requests", dearest);
    }
  }

  /** A model that takes audio, and has no price for it, takes it for the price of text there. */
  private static void audio(JsonNode model, Lines lines) {
    if (!model.path("supports_audio_input").asBoolean()
        || lines.price(Place.ALWAYS, AUDIO) != null) {
      return;
    }
    for (var place : List.copyOf(lines.byPlace().keySet())) {
      var text = lines.price(place, INPUT);
      if (text != null) {
        lines.add(place, AUDIO, text);
      }
    }
  }

  /**
   * Of all classes with both prices the dearest proportion: a batch line is never below its price.
   */
  private static @Nullable BigDecimal factor(Lines lines, Lines batches) {
    BigDecimal factor = null;
    for (var place : batches.byPlace().entrySet()) {
      for (var batch : place.getValue().entrySet()) {
        var price = lines.price(place.getKey(), batch.getKey());
        if (price != null && price.signum() > 0) {
          var share = batch.getValue().divide(price, FACTOR_DECIMALS, RoundingMode.CEILING);
          factor = factor == null ? share : factor.max(share);
        }
      }
    }
    return factor == null || factor.compareTo(BigDecimal.ONE) >= 0 ? null : factor;
  }
}
