package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Points in time, in the catalogue's own precision, so that a file equals what it became. */
final class Times {

  private Times() {}

  static @Nullable Instant instantOrNull(Section section, String key) {
    var text = section.textOrNull(key);
    if (text == null) {
      return null;
    }
    try {
      return Instant.ofEpochMilli(Instant.parse(text).toEpochMilli());
    } catch (DateTimeException | ArithmeticException e) {
      section.error(key, "must be a time such as 2027-01-01T00:00:00Z: " + text);
      return null;
    }
  }
}
