package io.penstock.billing.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An answer.
 *
 * @param file name under which a browser keeps it; null shows it
 */
record Body(String contentType, byte[] bytes, @Nullable String file) {

  static Body json(byte[] bytes) {
    return new Body("application/json", bytes, null);
  }

  static Body csv(String csv, String file) {
    return new Body("text/csv; charset=utf-8", csv.getBytes(StandardCharsets.UTF_8), file);
  }

  static Body html(String html) {
    return new Body("text/html; charset=utf-8", html.getBytes(StandardCharsets.UTF_8), null);
  }
}
