package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names in the catalogue. */
final class Names {

  /** Part of a topic's name, of a path in the blob store. */
  private static final Pattern SEGMENT = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");

  /** Anything that providers call their models. */
  private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}");

  private Names() {}

  static String segment(Section section, String key) {
    return segment(section, key, section.requiredText(key));
  }

  static String segment(Section section, String key, @Nullable String name) {
    return checked(
        section, key, SEGMENT, name, "lower-case letters, digits and dashes, at most 64");
  }

  static String model(Section section, String key) {
    return model(section, key, section.requiredText(key));
  }

  static String model(Section section, String key, String name) {
    return checked(section, key, MODEL, name, "letters, digits and ._:/@+-, at most 128");
  }

  private static String checked(
      Section section, String key, Pattern pattern, @Nullable String name, String allowed) {
    if (name == null || name.isEmpty()) {
      return "";
    }
    if (!pattern.matcher(name).matches()) {
      section.error(key, "must be made of " + allowed + ": " + name);
    }
    return name;
  }
}
