package io.penstock.platform.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A reference to a secret, {@code env:NAME} or {@code file:PATH}; never prints what it refers to.
 */
public record Secret(String reference) {

  /**
   * @throws IllegalArgumentException when the reference has neither form; the message does not
   *     repeat it, because it may be the secret itself
   */
  public Secret {
    if (!reference.startsWith("env:") && !reference.startsWith("file:")) {
      throw new IllegalArgumentException(
          "a secret is given as env:NAME or file:PATH, never by itself");
    }
  }

  /**
   * The secret.
   *
   * @throws ConfigException when the variable is not set or the file cannot be read
   */
  public String resolve() {
    if (reference.startsWith("env:")) {
      var name = reference.substring("env:".length());
      var value = System.getenv(name);
      if (value == null || value.isBlank()) {
        throw new ConfigException("environment variable " + name + " is not set");
      }
      return value.strip();
    }
    var path = Path.of(reference.substring("file:".length()));
    try {
      return Files.readString(path, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new ConfigException("secret file " + path + " cannot be read");
    }
  }

  @Override
  public String toString() {
    return "***";
  }
}
