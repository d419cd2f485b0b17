package io.penstock.ingress.catalog;

import io.penstock.platform.config.ConfigException;
import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.Role;
import java.time.Instant;
import java.util.function.UnaryOperator;

/** One of {@code keys}. */
final class KeySection {

  private static final int SECRET_LENGTH_MIN = 16;
  private static final int HINT_LENGTH = 4;

  private KeySection() {}

  static ApiKeyEntry read(Section section, UnaryOperator<String> hasher) {
    var name = Names.segment(section, "name");
    var organization = Names.segment(section, "organization");
    var secret = secret(section);
    return new ApiKeyEntry(
        id(organization, name),
        organization,
        name,
        secret.isEmpty() ? "" : hasher.apply(secret),
        hint(secret),
        section.choice("role", Role.class, Role.USER),
        section.textOrNull("project"),
        section.textOrNull("team"),
        section.texts("models"),
        section.flag("active", true),
        Times.instantOrNull(section, "expires-at"),
        section.numberOrNull("rpm", 1, Long.MAX_VALUE),
        section.numberOrNull("tpm", 1, Long.MAX_VALUE),
        section.numberOrNull("concurrency", 1, Long.MAX_VALUE),
        Instant.EPOCH);
  }

  /** The id of a key of a file: the same every time the file is applied. */
  static String id(String organization, String name) {
    return "key_" + organization + "_" + name;
  }

  /** What tells keys apart in a listing. */
  static String hint(String secret) {
    return secret.length() < SECRET_LENGTH_MIN
        ? ""
        : secret.substring(secret.length() - HINT_LENGTH);
  }

  private static String secret(Section section) {
    var reference = section.secretOrNull("secret");
    if (reference == null) {
      if (!section.has("secret")) {
        section.error("secret", "is required");
      }
      return "";
    }
    try {
      var secret = reference.resolve();
      if (secret.length() >= SECRET_LENGTH_MIN) {
        return secret;
      }
      section.error("secret", "must have at least " + SECRET_LENGTH_MIN + " characters");
    } catch (ConfigException e) {
      section.error("secret", String.valueOf(e.getMessage()));
    }
    return "";
  }
}
