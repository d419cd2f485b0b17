package io.penstock.ingress.testing;

import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.Catalog;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.ModelEntry;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.Strategy;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/** A catalogue with two organisations, three keys and two models. */
public final class Catalogs {

  public static final Instant CREATED = Instant.parse("2026-01-02T03:04:05Z");
  public static final ApiKeys API_KEYS = new ApiKeys("a pepper for tests only");

  /** Key of organisation {@code acme}, all models. */
  public static final String ACME = "sk-pen-acme";

  /** Key of organisation {@code acme}, model {@code fast} only. */
  public static final String ACME_FAST = "sk-pen-acme-fast";

  /** Key of organisation {@code other}. */
  public static final String OTHER = "sk-pen-other";

  private Catalogs() {}

  public static Catalog catalog() {
    var entries = new LinkedHashMap<String, CatalogEntry>();
    put(
        entries,
        "organization",
        "acme",
        OrganizationEntry.newBuilder().setId("acme").setName("Acme").setActive(true).build());
    put(
        entries,
        "organization",
        "other",
        OrganizationEntry.newBuilder().setId("other").setName("Other").setActive(true).build());
    put(entries, "key", "key-acme", key("key-acme", "acme", ACME, List.of()));
    put(entries, "key", "key-acme-fast", key("key-acme-fast", "acme", ACME_FAST, List.of("fast")));
    put(entries, "key", "key-other", key("key-other", "other", OTHER, List.of()));
    put(
        entries,
        "model",
        "fast",
        ModelEntry.newBuilder()
            .setName("fast")
            .setAliases(List.of("quick"))
            .setStrategy(Strategy.PRIORITY)
            .setTargets(List.of())
            .setAttemptsMax(6)
            .setRules(List.of())
            .build());
    put(
        entries,
        "model",
        "org/deep",
        ModelEntry.newBuilder()
            .setName("org/deep")
            .setAliases(List.of())
            .setStrategy(Strategy.PRIORITY)
            .setTargets(List.of())
            .setAttemptsMax(6)
            .setRules(List.of())
            .build());
    return new Catalog(entries);
  }

  private static ApiKeyEntry key(
      String id, String organization, String secret, List<String> models) {
    return ApiKeyEntry.newBuilder()
        .setId(id)
        .setOrganization(organization)
        .setName(id)
        .setHash(API_KEYS.hash(secret))
        .setHint("test")
        .setModels(models)
        .setCreatedAt(CREATED)
        .build();
  }

  private static void put(
      Map<String, CatalogEntry> entries, String kind, String name, SpecificRecord entry) {
    entries.put(kind + "/" + name, new CatalogEntry(kind, name, 1L, "system", CREATED, entry));
  }
}
