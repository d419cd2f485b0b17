package io.penstock.standalone.prices;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.ingress.catalog.CatalogFile;
import io.penstock.platform.config.ConfigException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A price list that somebody publishes, read. It is taken whole or not at all: one price below
 * zero, or one that is no number, and nobody can say what else is wrong in it.
 *
 * @param names of the prices taken
 * @param yaml the section {@code prices} of a catalogue file
 * @param notes what it holds that has no place here, for people: how often, by what
 */
public record PriceList(List<String> names, String yaml, Map<String, Integer> notes) {

  /** Who publishes it, and so its format. */
  public enum Format {
    /** {@code model_prices_and_context_window.json}: USD per token. */
    LITELLM,
    /** {@code data.json}: USD per million tokens. */
    GENAI_PRICES
  }

  /** What the catalogue can hold. */
  private static final int DECIMALS_MAX = 12;

  private static final int ERRORS_MAX = 50;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}");

  /** Numbers stay decimals, and no key is there twice. */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  public PriceList {
    names = List.copyOf(names);
    notes = Map.copyOf(notes);
  }

  /**
   * Reads a list.
   *
   * @param only which models to take, by name
   * @throws ConfigException with every reason why the whole list is rejected
   */
  public static PriceList read(Format format, String json, Predicate<String> only) {
    var collected = new Collected(only);
    var root = tree(json);
    switch (format) {
      case LITELLM -> LiteLlmPrices.read(root, collected);
      case GENAI_PRICES -> GenaiPrices.read(root, collected);
    }
    if (!collected.errors.isEmpty()) {
      throw new ConfigException(told(collected.errors));
    }
    if (collected.prices.isEmpty()) {
      throw new ConfigException("the list has no price of such a name");
    }
    var yaml = PricesYaml.write(collected.prices);
    // what is written must be what the catalogue takes
    CatalogFile.parse(yaml, secret -> secret);
    return new PriceList(
        collected.prices.stream().map(ImportedPrice::name).toList(), yaml, collected.notes);
  }

  private static String told(List<String> errors) {
    var told = String.join("\n", errors.subList(0, Math.min(ERRORS_MAX, errors.size())));
    return errors.size() <= ERRORS_MAX
        ? told
        : told + "\nand " + (errors.size() - ERRORS_MAX) + " more";
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      var where = e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
      throw new ConfigException("the list is not JSON" + where + ": " + e.getOriginalMessage());
    }
  }

  /** What the reading of one list finds; lives as long as the reading. */
  static final class Collected {

    private final Predicate<String> only;
    private final List<ImportedPrice> prices = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();
    private final Map<String, Integer> notes = new TreeMap<>();

    private Collected(Predicate<String> only) {
      this.only = only;
    }

    /** Whether a model is wanted. */
    boolean wants(String name) {
      return only.test(name);
    }

    void error(String where, String message) {
      errors.add(where + ": " + message);
    }

    void note(String what) {
      notes.merge(what, 1, Integer::sum);
    }

    /** Takes a price, if there is anything in it. */
    void take(ImportedPrice price) {
      if (!price.lines().complete()) {
        note("models without any price that could be taken");
      } else if (!NAME.matcher(price.name()).matches()) {
        note("models whose names no price can have");
      } else {
        prices.add(price);
      }
    }

    /**
     * A price in USD per million; absent, and an error, when it is none.
     *
     * @param times how much a million costs when one costs 1 in the unit of the list
     */
    @Nullable BigDecimal price(String where, JsonNode value, BigDecimal times) {
      if (!value.isNumber()) {
        error(where, "must be a number: " + value);
        return null;
      }
      var price = value.decimalValue().multiply(times);
      if (price.signum() < 0) {
        error(where, "must not be below zero: " + value);
        return null;
      }
      // binary floating point of those who made the list leaves digits that nobody meant
      return price.setScale(DECIMALS_MAX, RoundingMode.HALF_EVEN);
    }
  }
}
