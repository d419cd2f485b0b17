package io.penstock.standalone.node;

import io.penstock.ingress.FirstAdministrator;
import io.penstock.ingress.catalog.CatalogFile;
import io.penstock.platform.Platform;
import io.penstock.platform.catalog.CatalogWriter;
import io.penstock.platform.catalog.CatalogWriter.Change;
import java.time.Instant;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Puts into the catalogue what one machine needs from the start: an administrator, and the file
 * given on the command line.
 */
final class FirstCatalog {

  private final Platform platform;

  FirstCatalog(Platform platform) {
    this.platform = platform;
  }

  void publish(String adminKey, @Nullable String file) throws InterruptedException {
    var now = Instant.now();
    var present = platform.catalog().snapshot();
    var changes = new ArrayList<Change>(FirstAdministrator.changes(platform, adminKey, now));
    if (file != null) {
      changes.addAll(CatalogFile.parse(file, platform.apiKeys()::hash).changes(present, now));
    }
    if (changes.isEmpty()) {
      return;
    }
    try (var writer = new CatalogWriter(platform.kafka(), platform.catalog())) {
      writer.write(changes);
    }
  }
}
