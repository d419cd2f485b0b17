package io.penstock.standalone.registry;

import io.penstock.standalone.data.StartupException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the file of loaded and linked classes (about 110 MB) with which the registry starts about
 * three times faster.
 *
 * <p>The file fits the jars it was made with and this JVM only; with others the JVM ignores it and
 * starts as without.
 */
public final class RegistryCache {
  private static final Duration READY_TIMEOUT = Duration.ofMinutes(1);
  private static final Duration WRITE_TIMEOUT = Duration.ofMinutes(2);

  private RegistryCache() {}

  /**
   * Runs a registry for a moment and writes the file; takes 15 to 30 seconds. This class must come
   * from a jar.
   *
   * @throws StartupException when the registry does not run, or the file does not appear
   */
  public static void create(Path installation, Path cache) {
    try {
      var absolute = cache.toAbsolutePath();
      var directory = Files.createTempDirectory("penstock-registry-");
      var fresh = absolute.resolveSibling(absolute.getFileName() + ".new");
      Files.deleteIfExists(fresh);
      try (var registry =
          RegistryProcess.start(
              RegistryConfig.of(directory, installation), List.of("-XX:AOTCacheOutput=" + fresh))) {
        registry.awaitReady(READY_TIMEOUT);
        // The JVM writes the file after the program's orderly end.
        registry.stop(WRITE_TIMEOUT);
      } finally {
        delete(directory);
      }
      if (!Files.exists(fresh)) {
        throw new StartupException(
            "The JVM wrote no class cache for the schema registry: it starts without.");
      }
      Files.move(fresh, absolute, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new StartupException(
          "Cannot write the class cache of the schema registry (" + e.getMessage() + ").", e);
    }
  }

  private static void delete(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path path, @Nullable IOException e)
              throws IOException {
            Files.delete(path);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
