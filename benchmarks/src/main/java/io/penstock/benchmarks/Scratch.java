package io.penstock.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** A directory for the time of a measurement. */
record Scratch(Path path) implements AutoCloseable {

  static Scratch open(String name) throws IOException {
    return new Scratch(Files.createTempDirectory("penstock-" + name + "-"));
  }

  @Override
  public void close() throws IOException {
    try (var files = Files.walk(path)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
