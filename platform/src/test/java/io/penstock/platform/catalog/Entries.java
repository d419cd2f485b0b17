package io.penstock.platform.catalog;

import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.BudgetWindow;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.ModelEntry;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.PriceEntry;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A catalogue put together entry by entry. Not thread-safe. */
final class Entries {

  static final Instant AT = Instant.parse("2026-03-14T12:00:00Z");

  private final Map<String, CatalogEntry> entries = new LinkedHashMap<>();

  Entries put(String kind, String name, Object entry) {
    entries.put(kind + "/" + name, new CatalogEntry(kind, name, 1L, null, AT, entry));
    return this;
  }

  Entries organization(String id, boolean active) {
    return put(
        "organization",
        id,
        OrganizationEntry.newBuilder().setId(id).setName(id).setActive(active).build());
  }

  Entries key(ApiKeyEntry key) {
    return put("key", key.getId(), key);
  }

  Entries model(String name, String... aliases) {
    return put(
        "model",
        name,
        ModelEntry.newBuilder()
            .setName(name)
            .setAliases(List.of(aliases))
            .setTargets(List.of())
            .build());
  }

  Entries price(String name) {
    return put(
        "price",
        name,
        PriceEntry.newBuilder().setName(name).setVersion(1L).setLines(List.of()).build());
  }

  Entries budget(String id, String organization) {
    return put(
        "budget",
        id,
        BudgetEntry.newBuilder()
            .setId(id)
            .setOrganization(organization)
            .setScope(BudgetScope.ORGANIZATION)
            .setLimitNanoUsd(1)
            .setWindow(BudgetWindow.DAY)
            .build());
  }

  static ApiKeyEntry.Builder keyOf(String id, String organization, String hash) {
    return ApiKeyEntry.newBuilder()
        .setId(id)
        .setOrganization(organization)
        .setName(id)
        .setHash(hash)
        .setHint("1234")
        .setCreatedAt(AT);
  }

  Map<String, CatalogEntry> map() {
    return entries;
  }

  Catalog catalog() {
    return new Catalog(entries);
  }
}
