package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of promises names tests that exist. */
class PromisesPageTest {

  private static final Path ROOT = Path.of("..");
  private static final Path PAGE = ROOT.resolve("docs/promises.md");
  private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+Test)#(\\w+)`");
  private static final Pattern METHOD = Pattern.compile("\\bvoid (\\w+)\\(");

  @Test
  void everyTestThatThePageNamesExists() throws IOException {
    var named = new HashSet<String>();
    var matcher = NAMED.matcher(Files.readString(PAGE));
    while (matcher.find()) {
      named.add(matcher.group(1) + "#" + matcher.group(2));
    }

    assertThat(named).hasSizeGreaterThan(50);
    assertThat(tests()).containsAll(named);
  }

  private static Set<String> tests() throws IOException {
    try (var modules = Files.list(ROOT)) {
      var sources =
          modules
              .map(module -> module.resolve("src/test/java"))
              .filter(Files::isDirectory)
              .flatMap(PromisesPageTest::files)
              .filter(file -> file.getFileName().toString().endsWith("Test.java"))
              .toList();
      return sources.stream().flatMap(PromisesPageTest::tests).collect(Collectors.toSet());
    }
  }

  private static Stream<Path> files(Path directory) {
    try (var files = Files.walk(directory)) {
      return files.toList().stream();
    } catch (IOException e) {
      throw new AssertionError(directory.toString(), e);
    }
  }

  private static Stream<String> tests(Path file) {
    var name = file.getFileName().toString().replace(".java", "");
    try {
      return METHOD
          .matcher(Files.readString(file))
          .results()
          .map(found -> name + "#" + found.group(1));
    } catch (IOException e) {
      throw new AssertionError(file.toString(), e);
    }
  }
}
