package io.penstock.standalone.prices;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One price as somebody publishes it.
 *
 * @param name unique in its list
 * @param source where it comes from, for people
 * @param batchFactor for charges of batch lines; absent means 1
 * @param lines in force from the beginning
 * @param changes what they change to, earliest first
 */
record ImportedPrice(
    String name,
    String source,
    @Nullable BigDecimal batchFactor,
    Lines lines,
    List<Change> changes) {

  ImportedPrice {
    changes = List.copyOf(changes);
  }

  /** All prices from a time on. */
  record Change(Instant from, Lines lines) {}

  /**
   * When a line holds.
   *
   * @param inputTokensAbove for longer prompts only; 0 for all
   * @param serviceTier in this tier only; absent for the ordinary one
   */
  record Place(long inputTokensAbove, @Nullable String serviceTier) {

    static final Place ALWAYS = new Place(0, null);
  }

  /** USD per million by class or unit, by when they hold, in the order in which they came. */
  static final class Lines {

    private final Map<Place, Map<String, BigDecimal>> byPlace = new LinkedHashMap<>();

    /** Adds a line, unless there is one. */
    void add(Place place, String tokenClass, BigDecimal usdPerMillion) {
      byPlace
          .computeIfAbsent(place, _ -> new LinkedHashMap<>())
          .putIfAbsent(tokenClass, usdPerMillion);
    }

    /** Takes every line of others that is dearer, or for which there is none. */
    void raise(Lines others) {
      others.byPlace.forEach(
          (place, prices) ->
              prices.forEach(
                  (tokenClass, price) ->
                      byPlace
                          .computeIfAbsent(place, _ -> new LinkedHashMap<>())
                          .merge(tokenClass, price, BigDecimal::max)));
    }

    @Nullable BigDecimal price(Place place, String tokenClass) {
      return byPlace.getOrDefault(place, Map.of()).get(tokenClass);
    }

    Map<Place, Map<String, BigDecimal>> byPlace() {
      return byPlace;
    }

    /** Whether there is a price that holds whatever the prompt and the tier. */
    boolean complete() {
      return byPlace.containsKey(Place.ALWAYS);
    }
  }
}
