package io.penstock.standalone.node;

import io.penstock.platform.id.Ids;
import io.penstock.standalone.data.OwnedDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/**
 * The secrets of one machine, made at its first start and readable by its owner only.
 *
 * @param pepper under which API keys are hashed
 * @param adminKey secret of the administrator's API key
 */
record Secrets(String pepper, String adminKey) {

  private static final String FILE = "secrets.properties";
  private static final int CHARACTERS = 40;

  /** Reads them, or makes them. */
  static Secrets of(OwnedDirectory directory) {
    var properties = directory.read(FILE);
    if (properties.isEmpty()) {
      var ids = new Ids();
      properties.setProperty("pepper", ids.secret("", CHARACTERS));
      properties.setProperty("admin-key", ids.secret("sk-pen-", CHARACTERS));
      directory.write(FILE, properties);
    }
    return new Secrets(properties.getProperty("pepper"), properties.getProperty("admin-key"));
  }

  /** The administrator's key of a data directory that a process uses or has used. */
  static Optional<String> adminKeyOf(Path data) {
    var file = data.resolve(FILE);
    if (!Files.isReadable(file)) {
      return Optional.empty();
    }
    Properties properties = OwnedDirectory.read(file);
    return Optional.ofNullable(properties.getProperty("admin-key"));
  }

  /** Never prints them. */
  @Override
  public String toString() {
    return "Secrets[***]";
  }
}
