package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Compares what others rely on with a committed file; {@code -Dpenstock.golden=write} writes the
 * file.
 */
final class Golden {

  private Golden() {}

  static void check(String name, String actual) throws IOException {
    var file = Path.of("src/test/resources/golden", name);
    if ("write".equals(System.getProperty("penstock.golden"))) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, actual);
    }
    assertThat(actual)
        .as(
            "%s is a promise to others; if the change is meant, run once with -Dpenstock.golden=write",
            file)
        .isEqualTo(Files.readString(file));
  }
}
