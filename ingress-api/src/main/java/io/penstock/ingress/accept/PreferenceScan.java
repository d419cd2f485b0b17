package io.penstock.ingress.accept;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.schemas.avro.RoutePreferences;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a body asks of routing: further models as OpenRouter ({@code models}) and LiteLLM ({@code
 * fallbacks}) name them, and OpenRouter's {@code provider}. Used once, by one thread.
 */
final class PreferenceScan {

  private static final Set<String> FIELDS = Set.of("models", "fallbacks", "provider");
  private static final Set<String> SORTS = Set.of("price", "latency");
  private static final int NAMES_MAX = 16;
  private static final int NAME_LENGTH_MAX = 256;
  private static final int PRICE_LENGTH_MAX = 32;
  private static final int PRICE_DECIMALS_MAX = 12;

  private final JsonParser parser;
  private final Set<String> models = new LinkedHashSet<>();
  private final RoutePreferences.Builder preferences = RoutePreferences.newBuilder();
  private boolean asked;

  PreferenceScan(JsonParser parser) {
    this.parser = parser;
  }

  /** Whether a field is the gateway's own. */
  static boolean owns(String field) {
    return FIELDS.contains(field);
  }

  /** Reads one of the gateway's own fields, whose value the parser is at. */
  @Nullable Rejected field(String name) throws IOException {
    return name.equals("provider") ? provider() : models(name);
  }

  /**
   * What was asked for; null when nothing.
   *
   * @param model the model asked for first, which is no fallback of itself
   */
  @Nullable RoutePreferences found(String model) {
    models.remove(model);
    if (!asked && models.isEmpty()) {
      return null;
    }
    return preferences.setModels(List.copyOf(models)).build();
  }

  private @Nullable Rejected models(String name) throws IOException {
    var names = names(name);
    if (names.rejected() == null) {
      models.addAll(names.texts());
    }
    return names.rejected();
  }

  private @Nullable Rejected provider() throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return Values.type("provider", "an object");
    }
    Rejected first = null;
    for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      parser.nextToken();
      var rejected = parser.currentToken() == JsonToken.VALUE_NULL ? null : providerField(name);
      parser.skipChildren();
      first = first == null ? rejected : first;
    }
    return first;
  }

  private @Nullable Rejected providerField(String name) throws IOException {
    asked = true;
    var param = "provider." + name;
    return switch (name) {
      case "order" -> {
        var names = names(param);
        preferences.setOrder(names.texts());
        yield names.rejected();
      }
      case "only" -> {
        var names = names(param);
        preferences.setOnly(names.texts());
        yield names.rejected();
      }
      case "ignore" -> {
        var names = names(param);
        preferences.setIgnore(names.texts());
        yield names.rejected();
      }
      case "sort" -> sort(param);
      case "max_price" -> priceMax(param);
      case "allow_fallbacks" -> {
        if (!parser.currentToken().isBoolean()) {
          yield Values.type(param, "a boolean");
        }
        preferences.setAllowFallbacks(parser.currentToken() == JsonToken.VALUE_TRUE);
        yield null;
      }
      // what nobody here would heed must not be taken for heeded
      default -> unsupported(param);
    };
  }

  private @Nullable Rejected sort(String param) throws IOException {
    var sort = Values.text(parser);
    if (sort == null) {
      return Values.type(param, "a string");
    }
    if (!SORTS.contains(sort)) {
      return Values.invalid(param, "must be 'price' or 'latency'");
    }
    preferences.setSort(sort);
    return null;
  }

  private @Nullable Rejected priceMax(String param) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return Values.type(param, "an object");
    }
    Rejected first = null;
    for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      parser.nextToken();
      var rejected =
          parser.currentToken() == JsonToken.VALUE_NULL ? null : price(param + "." + name, name);
      parser.skipChildren();
      first = first == null ? rejected : first;
    }
    return first;
  }

  private @Nullable Rejected price(String param, String name) throws IOException {
    var isPrompt = name.equals("prompt");
    if (!isPrompt && !name.equals("completion")) {
      return unsupported(param);
    }
    var price = decimal();
    if (price == null) {
      return Values.invalid(param, "must be a decimal in USD per million tokens, from 0");
    }
    if (isPrompt) {
      preferences.setMaxPriceInput(price);
    } else {
      preferences.setMaxPriceOutput(price);
    }
    return null;
  }

  /** The decimal that the parser is at, as number or text; null when it is none. */
  private @Nullable String decimal() throws IOException {
    var token = parser.currentToken();
    if (token != JsonToken.VALUE_STRING && !token.isNumeric()) {
      return null;
    }
    // the length first: an exponent of a billion would make a number of a billion digits
    var text = parser.getText();
    if (text.length() > PRICE_LENGTH_MAX) {
      return null;
    }
    try {
      var price = new BigDecimal(text);
      return price.signum() < 0 || Math.abs(price.scale()) > PRICE_DECIMALS_MAX
          ? null
          : price.toPlainString();
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private record NamesRead(List<String> texts, @Nullable Rejected rejected) {}

  private NamesRead names(String param) throws IOException {
    var names = Values.texts(parser);
    if (names == null) {
      return new NamesRead(List.of(), Values.type(param, "an array of strings"));
    }
    var good = new ArrayList<String>();
    for (var name : names) {
      if (name.isBlank() || name.length() > NAME_LENGTH_MAX) {
        return new NamesRead(
            List.of(),
            Values.invalid(param, "must hold names of 1 to " + NAME_LENGTH_MAX + " characters"));
      }
      good.add(name);
    }
    if (good.size() > NAMES_MAX) {
      return new NamesRead(
          List.of(), Values.invalid(param, "must hold at most " + NAMES_MAX + " names"));
    }
    return new NamesRead(good, null);
  }

  private static Rejected unsupported(String param) {
    return Values.unsupported(param, "Unsupported parameter: '" + param + "'.");
  }
}
