package io.penstock.worker.dialect.gemini;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a model can do, as far as its name tells. A name that tells nothing (an alias, a tuned
 * model) is taken for a new one.
 *
 * @param generation 1, 2 or 3
 * @param thinks whether it can think at all
 * @param pro whether it is of the large kind, which always thinks
 */
record GeminiModel(int generation, boolean thinks, boolean pro) {

  private static final Pattern VERSION = Pattern.compile("gemini-(\\d+)(?:\\.(\\d+))?");

  static GeminiModel of(String name) {
    var lower = name.toLowerCase(Locale.ROOT);
    var pro = lower.contains("-pro");
    var matcher = VERSION.matcher(lower);
    if (!matcher.find() || matcher.group(1).length() > 3) {
      return new GeminiModel(3, true, pro);
    }
    var generation = Integer.parseInt(matcher.group(1));
    var minor = matcher.group(2) == null ? "0" : matcher.group(2);
    return new GeminiModel(generation, generation > 2 || minor.equals("5"), pro);
  }

  /** Whether tool calls in the history need signatures, and tools may return pictures. */
  boolean third() {
    return generation >= 3;
  }
}
