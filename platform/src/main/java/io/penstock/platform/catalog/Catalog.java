package io.penstock.platform.catalog;

import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.ModelEntry;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.schemas.avro.PriceEntry;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue at one offset: immutable, with the lookups that the hot path needs.
 *
 * <p>Entries are the records of the log themselves; nobody may change them.
 */
public final class Catalog {

  public static final Catalog EMPTY = new Catalog(Map.of());

  private final Map<String, CatalogEntry> entries;
  private final Map<String, OrganizationEntry> organizations = new HashMap<>();
  private final Map<String, ApiKeyEntry> keys = new HashMap<>();
  private final Map<String, ApiKeyEntry> keysByHash = new HashMap<>();
  private final Map<String, PoolEntry> pools = new TreeMap<>();
  private final Map<String, ModelEntry> models = new TreeMap<>();
  private final Map<String, ModelEntry> modelsByAnyName = new HashMap<>();
  private final Map<String, PriceEntry> prices = new HashMap<>();
  private final Map<String, List<BudgetEntry>> budgetsByOrganization = new HashMap<>();

  /**
   * @param entries by record key, {@code kind/name}
   */
  public Catalog(Map<String, CatalogEntry> entries) {
    this.entries = new TreeMap<>(entries);
    for (var entry : this.entries.values()) {
      index(entry);
    }
  }

  private void index(CatalogEntry entry) {
    switch (entry.getEntry()) {
      case OrganizationEntry organization -> organizations.put(organization.getId(), organization);
      case ApiKeyEntry key -> {
        keys.put(key.getId(), key);
        keysByHash.put(key.getHash(), key);
      }
      case PoolEntry pool -> pools.put(pool.getName(), pool);
      case ModelEntry model -> {
        models.put(model.getName(), model);
        modelsByAnyName.put(model.getName(), model);
        model.getAliases().forEach(alias -> modelsByAnyName.putIfAbsent(alias, model));
      }
      case PriceEntry price -> prices.put(price.getName(), price);
      case BudgetEntry budget ->
          budgetsByOrganization.merge(budget.getOrganization(), List.of(budget), Catalog::joined);
      default ->
          throw new IllegalArgumentException("unknown kind of catalogue entry: " + entry.getKind());
    }
  }

  private static <T> List<T> joined(List<T> left, List<T> right) {
    var joined = new java.util.ArrayList<>(left);
    joined.addAll(right);
    return List.copyOf(joined);
  }

  /** All entries by record key, sorted. */
  public Map<String, CatalogEntry> entries() {
    return java.util.Collections.unmodifiableMap(entries);
  }

  public @Nullable OrganizationEntry organization(String id) {
    return organizations.get(id);
  }

  public Collection<OrganizationEntry> organizations() {
    return organizations.values();
  }

  public @Nullable ApiKeyEntry key(String id) {
    return keys.get(id);
  }

  /** The key whose secret has this keyed hash. */
  public @Nullable ApiKeyEntry keyByHash(String hash) {
    return keysByHash.get(hash);
  }

  public @Nullable PoolEntry pool(String name) {
    return pools.get(name);
  }

  /** Pools, sorted by name. */
  public Collection<PoolEntry> pools() {
    return pools.values();
  }

  /** A model by its name or one of its aliases. */
  public @Nullable ModelEntry model(String nameOrAlias) {
    return modelsByAnyName.get(nameOrAlias);
  }

  /** Models, sorted by name. */
  public Collection<ModelEntry> models() {
    return models.values();
  }

  public @Nullable PriceEntry price(String name) {
    return prices.get(name);
  }

  /** Budgets of an organisation. */
  public List<BudgetEntry> budgets(String organization) {
    return budgetsByOrganization.getOrDefault(organization, List.of());
  }
}
