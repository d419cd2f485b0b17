package io.penstock.standalone.node;

import io.penstock.ingress.catalog.CatalogFile;
import io.penstock.platform.Platform;
import io.penstock.platform.catalog.CatalogWriter;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.Role;
import java.time.Instant;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/** Puts into the catalogue what one machine needs from the start: an administrator, and the file given on the command line. */
final class FirstCatalog {

  /** Organisation of the administrator; a catalogue file never removes it. */
  private static final String ADMIN = CatalogFile.ADMIN_ORGANIZATION;

  private static final int HINT_CHARACTERS = 4;

  private final Platform platform;

  FirstCatalog(Platform platform) {
    this.platform = platform;
  }

  void publish(String adminKey, @Nullable String file) throws InterruptedException {
    var now = Instant.now();
    var present = platform.catalog().snapshot();
    var changes = new ArrayList<Change>();
    if (present.key(ADMIN) == null) {
      changes.add(put("organization", ADMIN, now, new OrganizationEntry(ADMIN, "Administration", true)));
      changes.add(put("key", ADMIN, now, administrator(adminKey, now)));
    }
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

  private ApiKeyEntry administrator(String secret, Instant now) {
    return ApiKeyEntry.newBuilder()
        .setId(ADMIN)
        .setOrganization(ADMIN)
        .setName("administrator")
        .setHash(platform.apiKeys().hash(secret))
        .setHint(secret.substring(secret.length() - HINT_CHARACTERS))
        .setRole(Role.SUPER_ADMIN)
        .setCreatedAt(now)
        .build();
  }

  private static Change put(String kind, String name, Instant at, Object entry) {
    return new Change.Put(new CatalogEntry(kind, name, 0L, "system", at, entry), 0);
  }
}
