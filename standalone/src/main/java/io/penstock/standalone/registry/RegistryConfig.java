package io.penstock.standalone.registry;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How the schema registry runs.
 *
 * @param directory where it keeps its schemas, its port and its log; created when missing
 * @param installation the unpacked Apicurio Registry, the directory that holds {@code
 *     quarkus-run.jar}
 * @param port the port on 127.0.0.1; 0 takes the port of the previous run, or any when that is
 *     taken
 * @param cache a file made by {@link RegistryCache}, with which it starts about three times faster;
 *     used when it exists
 */
public record RegistryConfig(Path directory, Path installation, int port, Optional<Path> cache) {
  public RegistryConfig {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be between 0 and 65535, is " + port);
    }
  }

  /** Any port, no cache. */
  public static RegistryConfig of(Path directory, Path installation) {
    return new RegistryConfig(directory, installation, 0, Optional.empty());
  }
}
