package io.penstock.standalone.prices;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.standalone.prices.ImportedPrice.Change;
import io.penstock.standalone.prices.ImportedPrice.Lines;
import io.penstock.standalone.prices.ImportedPrice.Place;
import io.penstock.standalone.prices.PriceList.Collected;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * genai-prices' list: providers with models, USD per million tokens, a number or a base with tiers
 * by size of prompt; several of them with dates from which they hold.
 */
final class GenaiPrices {

  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1_000);

  private static final Map<String, String> CLASSES =
      Map.of(
          "input_mtok", "input_uncached",
          "output_mtok", "output_text",
          "cache_read_mtok", "input_cache_read",
          "cache_write_mtok", "input_cache_write_5m",
          "cache_write_1h_mtok", "input_cache_write_1h",
          "input_audio_mtok", "input_audio",
          "output_audio_mtok", "output_audio",
          "input_image_mtok", "input_image",
          "output_image_mtok", "output_image",
          "output_reasoning_mtok", "output_reasoning");

  /** Per thousand. */
  private static final Map<String, String> CLASSES_PER_THOUSAND =
      Map.of(
          "requests_kcount", "tool_units.requests",
          "web_searches_kcount", "tool_units.web_search_requests");

  private GenaiPrices() {}

  static void read(JsonNode root, Collected collected) {
    if (!root.isArray() || root.isEmpty()) {
      collected.error("the list", "must be a list of providers");
      return;
    }
    var names = new HashSet<String>();
    for (var provider : root) {
      for (var model : provider.path("models")) {
        var name = provider.path("id").asText() + "/" + model.path("id").asText();
        if (!collected.wants(name)) {
          continue;
        }
        if (!names.add(name)) {
          collected.error(name, "is there twice");
        }
        model(name, model.path("prices"), collected);
      }
    }
  }

  private static void model(String name, JsonNode prices, Collected collected) {
    var lines = new Lines();
    var changes = new ArrayList<Change>();
    if (prices.isObject()) {
      lines = lines(name, prices, collected);
    } else if (prices.isArray()) {
      for (var each : prices) {
        var constraint = each.path("constraint");
        if (constraint.has("start_date")) {
          var from = start(name, constraint.path("start_date").asText(), collected);
          if (from != null) {
            changes.add(new Change(from, lines(name, each.path("prices"), collected)));
          }
        } else if (constraint.isObject()) {
          // nobody is charged by the clock: the hours that are cheaper are the operator's
          collected.note("prices by the time of day: the dearest is taken");
          lines.raise(lines(name, each.path("prices"), collected));
        } else {
          lines.raise(lines(name, each.path("prices"), collected));
        }
      }
    } else {
      collected.error(name, "must have prices");
    }
    ordered(name, changes, collected);
    collected.take(new ImportedPrice(name, "genai-prices " + name, null, lines, changes));
  }

  private static void ordered(String name, List<Change> changes, Collected collected) {
    for (int i = 1; i < changes.size(); i++) {
      if (!changes.get(i).from().isAfter(changes.get(i - 1).from())) {
        collected.error(name, "its dates overlap");
      }
    }
  }

  private static @Nullable Instant start(String name, String date, Collected collected) {
    try {
      return LocalDate.parse(date).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      collected.error(name, "must begin at a date such as 2027-01-01: " + date);
      return null;
    }
  }

  private static Lines lines(String name, JsonNode prices, Collected collected) {
    var lines = new Lines();
    for (var field : prices.properties()) {
      var tokenClass = CLASSES.get(field.getKey());
      var thousandClass = CLASSES_PER_THOUSAND.get(field.getKey());
      if (tokenClass != null) {
        price(name + "." + field.getKey(), tokenClass, field.getValue(), lines, collected);
      } else if (thousandClass != null) {
        add(
            name + "." + field.getKey(),
            Place.ALWAYS,
            thousandClass,
            field.getValue(),
            THOUSAND,
            lines,
            collected);
      } else {
        collected.note("fields " + field.getKey());
      }
    }
    return lines;
  }

  private static void price(
      String where, String tokenClass, JsonNode price, Lines lines, Collected collected) {
    if (!price.isObject()) {
      add(where, Place.ALWAYS, tokenClass, price, BigDecimal.ONE, lines, collected);
      return;
    }
    add(where, Place.ALWAYS, tokenClass, price.path("base"), BigDecimal.ONE, lines, collected);
    var above = 0L;
    for (var tier : price.path("tiers")) {
      if (!tier.path("start").isIntegralNumber() || tier.path("start").asLong() <= above) {
        collected.error(where, "must have tiers that begin one above the other: " + tier);
        return;
      }
      above = tier.path("start").asLong();
      var place = new Place(above, null);
      add(where, place, tokenClass, tier.path("price"), BigDecimal.ONE, lines, collected);
    }
  }

  private static void add(
      String where,
      Place place,
      String tokenClass,
      JsonNode value,
      BigDecimal times,
      Lines lines,
      Collected collected) {
    var price = collected.price(where, value, times);
    if (price != null) {
      lines.add(place, tokenClass, price);
    }
  }
}
