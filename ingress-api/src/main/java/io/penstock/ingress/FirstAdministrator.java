package io.penstock.ingress;

import io.penstock.ingress.catalog.CatalogFile;
import io.penstock.platform.Platform;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.Role;
import java.time.Instant;
import java.util.List;

/**
 * What an empty catalogue needs before anybody can change it: an administrator whose secret
 * somebody knows.
 */
public final class FirstAdministrator {

  private static final String NAME = CatalogFile.ADMIN_ORGANIZATION;
  private static final int HINT_CHARACTERS = 4;

  private FirstAdministrator() {}

  /** The changes that make one; empty when there is one already. */
  public static List<Change> changes(Platform platform, String secret, Instant now) {
    if (platform.catalog().snapshot().key(NAME) != null) {
      return List.of();
    }
    var key =
        ApiKeyEntry.newBuilder()
            .setId(NAME)
            .setOrganization(NAME)
            .setName("administrator")
            .setHash(platform.apiKeys().hash(secret))
            .setHint(secret.substring(Math.max(0, secret.length() - HINT_CHARACTERS)))
            .setRole(Role.SUPER_ADMIN)
            .setCreatedAt(now)
            .build();
    return List.of(
        put(
            "organization",
            now,
            OrganizationEntry.newBuilder()
                .setId(NAME)
                .setName("Administration")
                .setActive(true)
                .build()),
        put("key", now, key));
  }

  private static Change put(String kind, Instant at, Object entry) {
    return new Change.Put(new CatalogEntry(kind, NAME, 0L, "system", at, entry), 0);
  }
}
