package io.penstock.worker.dialect;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Headers of an answer.
 *
 * @param values by lower-case name; of a repeated header the first
 */
public record Headers(Map<String, String> values) {

  /** No headers. */
  public static final Headers NONE = new Headers(Map.of());

  public Headers {
    values = Map.copyOf(values);
  }

  /** Headers from names in any case. */
  public static Headers of(Map<String, String> byAnyName) {
    var values = new HashMap<String, String>();
    byAnyName.forEach((name, value) -> values.putIfAbsent(name.toLowerCase(Locale.ROOT), value));
    return new Headers(values);
  }

  /** The value of a header by its lower-case name; null when it is not there. */
  public @Nullable String value(String name) {
    return values.get(name);
  }
}
