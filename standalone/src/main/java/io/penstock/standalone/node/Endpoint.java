package io.penstock.standalone.node;

import io.penstock.standalone.data.OwnedDirectory;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/**
 * Tells commands on the same machine where the process that uses a data directory listens, and its
 * administrator's key.
 */
public record Endpoint(URI url, String adminKey) {

  private static final String FILE = "endpoint.properties";

  static void write(OwnedDirectory directory, URI url) {
    var properties = new Properties();
    properties.setProperty("url", url.toString());
    directory.write(FILE, properties);
  }

  /** Of a data directory; empty when no process ever used it. */
  public static Optional<Endpoint> of(Path data) {
    var url = OwnedDirectory.read(data.resolve(FILE)).getProperty("url");
    return url == null
        ? Optional.empty()
        : Secrets.adminKeyOf(data).map(key -> new Endpoint(URI.create(url), key));
  }

  @Override
  public String toString() {
    return "Endpoint[" + url + "]";
  }
}
