package io.penstock.standalone.node;

import io.penstock.standalone.data.StartupException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the files are that belong to the program itself.
 *
 * @param registry the unpacked schema registry
 * @param registryCache class cache of the registry; it is used when the file exists
 */
public record Installation(Path registry, Optional<Path> registryCache) {

  private static final String HOME_PROPERTY = "penstock.home";
  private static final String MARKER = "quarkus-run.jar";

  /**
   * Finds the installation: below {@code penstock.home}, else around the working directory, as a
   * build leaves it.
   *
   * @throws StartupException when nothing is built
   */
  public static Installation find() {
    var roots = new ArrayList<Path>();
    var home = System.getProperty(HOME_PROPERTY);
    if (home != null) {
      roots.add(Path.of(home));
    }
    roots.addAll(List.of(Path.of(""), Path.of("..")));
    for (var root : roots) {
      for (var target : List.of(root.resolve("standalone/target"), root.resolve("target"), root)) {
        var registry = registryBelow(target.resolve("registry"));
        if (registry.isPresent()) {
          return new Installation(
              registry.get(), Optional.of(target.resolve("registry.aot").toAbsolutePath()));
        }
      }
    }
    throw new StartupException(
        "The schema registry is not unpacked: build first, with `mvn package` or ./penstock.");
  }

  private static Optional<Path> registryBelow(Path directory) {
    if (Files.exists(directory.resolve(MARKER))) {
      return Optional.of(directory.toAbsolutePath());
    }
    if (!Files.isDirectory(directory)) {
      return Optional.empty();
    }
    try (var children = Files.newDirectoryStream(directory)) {
      for (var child : children) {
        if (Files.exists(child.resolve(MARKER))) {
          return Optional.of(child.toAbsolutePath());
        }
      }
    } catch (java.io.IOException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }
}
