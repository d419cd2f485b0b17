package io.penstock.billing.report;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a usage report can be grouped by. */
public enum Dimension {
  DAY,
  KEY,
  MODEL,
  POOL;

  /** Name on the wire. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The dimension of a wire name; null when there is none. */
  public static @Nullable Dimension ofWire(String wire) {
    for (var dimension : values()) {
      if (dimension.wire().equals(wire)) {
        return dimension;
      }
    }
    return null;
  }

  /** Value of this dimension in a key. */
  public String of(RollUpKey.Daily key) {
    return switch (this) {
      case DAY -> key.day().toString();
      case KEY -> key.apiKey();
      case MODEL -> key.model();
      case POOL -> key.pool();
    };
  }
}
