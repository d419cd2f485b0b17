package io.penstock.ingress.catalog;

import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.platform.config.ConfigException;
import io.penstock.platform.config.Section;
import io.penstock.schemas.TrustedRecords;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.schemas.avro.PriceEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.avro.specific.SpecificRecord;

/**
 * Policy as code: the whole catalogue as one text. What the text does not name is removed, except
 * for keys, which are mostly made through the API: they are removed only where the text has keys of
 * its own and says {@code prune: true}.
 */
public final class CatalogFile {

  /**
   * The organisation that administers an installation; no text names it, and none removes it or its
   * keys.
   */
  public static final String ADMIN_ORGANIZATION = "admin";

  static {
    // entries are built here, by commands too that meet no topic
    TrustedRecords.trust();
  }

  private static final String KEY = "key";
  private static final String ADMIN_ENTRY = "organization/" + ADMIN_ORGANIZATION;

  /** By record key, {@code kind/name}, in the order of the file. */
  private final Map<String, SpecificRecord> entries;

  private final boolean prunesKeys;

  /** Record keys of the prices that may change by any amount. */
  private final Set<String> jumping;

  private CatalogFile(
      Map<String, SpecificRecord> entries, boolean prunesKeys, Set<String> jumping) {
    this.entries = entries;
    this.prunesKeys = prunesKeys;
    this.jumping = Set.copyOf(jumping);
  }

  /**
   * Reads a {@code penstock.yaml}.
   *
   * @param hasher makes the stored hash of a key's secret; secrets are resolved where this runs
   * @throws ConfigException with every error of the text: unknown keys, bad values, names that lead
   *     nowhere
   */
  public static CatalogFile parse(String yaml, UnaryOperator<String> hasher) {
    var root = Section.parse(yaml);
    var entries = new LinkedHashMap<String, SpecificRecord>();
    for (var section : root.sections("organizations")) {
      var organization = OrganizationSection.read(section);
      put(entries, section, "organization", "id", organization.getId(), organization);
    }
    for (var section : root.sections("keys")) {
      var key = KeySection.read(section, hasher);
      put(entries, section, KEY, "name", key.getId(), key);
    }
    for (var section : root.sections("pools")) {
      var pool = PoolSection.read(section);
      put(entries, section, "pool", "name", pool.getName(), pool);
    }
    for (var section : root.sections("models")) {
      var model = ModelSection.read(section);
      put(entries, section, "model", "name", model.getName(), model);
    }
    var jumps = root.flag("allow-jumps", false);
    var jumping = new HashSet<String>();
    for (var section : root.sections("prices")) {
      var price = PriceSection.read(section);
      if (section.flag("allow-jumps", false) || jumps) {
        jumping.add("price/" + price.getName());
      }
      put(entries, section, "price", "name", price.getName(), price);
    }
    for (var section : root.sections("budgets")) {
      var budget = BudgetSection.read(section);
      put(entries, section, "budget", "id", budget.getId(), budget);
    }
    var prunes = root.flag("prune", false) && root.has("keys");
    References.check(entries, root);
    root.finish();
    return new CatalogFile(entries, prunes, jumping);
  }

  /** The same text, whose prices may change by any amount. */
  public CatalogFile allowingJumps() {
    return new CatalogFile(entries, prunesKeys, entries.keySet());
  }

  /** What has to change for the catalogue to be as the text says, in the name of the system. */
  public List<Change> changes(Catalog present, Instant now) {
    return changes(present, now, "system");
  }

  /**
   * What has to change for the catalogue to be as the text says; empty when it is.
   *
   * @param now time of the change, for entries that are new or differ
   * @param actor id of the API key that asks for it
   * @throws ConfigException when a published price would jump, and the text does not say that it
   *     may: a slip of the decimal point must not be charged to anybody
   */
  public List<Change> changes(Catalog present, Instant now, String actor) {
    var changes = new ArrayList<Change>();
    var jumps = new ArrayList<String>();
    entries.forEach(
        (key, wanted) -> {
          var old = present.entries().get(key);
          if (!jumping.contains(key)
              && wanted instanceof PriceEntry price
              && old != null
              && old.getEntry() instanceof PriceEntry published) {
            PriceChanges.jumps(published, price).forEach(jump -> jumps.add(key + ": " + jump));
          }
          var entry = Settled.of(wanted, old, now);
          if (old == null || !old.getEntry().equals(entry)) {
            changes.add(put(key, entry, old == null ? 0 : old.getVersion(), now, actor));
          }
        });
    if (!jumps.isEmpty()) {
      jumps.add("allow-jumps: true, of a price or of the file, lets them change so much");
      throw new ConfigException(String.join("\n", jumps));
    }
    present
        .entries()
        .forEach(
            (key, old) -> {
              if (!entries.containsKey(key) && removable(key, old)) {
                changes.add(new Change.Remove(key));
              }
            });
    return List.copyOf(changes);
  }

  private boolean removable(String key, CatalogEntry entry) {
    if (entry.getEntry() instanceof ApiKeyEntry apiKey) {
      return prunesKeys && !apiKey.getOrganization().equals(ADMIN_ORGANIZATION);
    }
    return !key.equals(ADMIN_ENTRY);
  }

  /** The pools that the text names: their topics must exist before the catalogue names them. */
  public List<String> pools() {
    var pools = new ArrayList<String>();
    for (var entry : entries.values()) {
      if (entry instanceof PoolEntry pool) {
        pools.add(pool.getName());
      }
    }
    return List.copyOf(pools);
  }

  private static Change put(
      String key, SpecificRecord entry, long version, Instant now, String actor) {
    var slash = key.indexOf('/');
    return new Change.Put(
        new CatalogEntry(
            key.substring(0, slash), key.substring(slash + 1), version + 1, actor, now, entry),
        version);
  }

  private static void put(
      Map<String, SpecificRecord> entries,
      Section section,
      String kind,
      String field,
      String name,
      SpecificRecord entry) {
    if (entries.putIfAbsent(kind + "/" + name, entry) != null && !name.isEmpty()) {
      section.error(field, "there is another " + kind + " of this name: " + name);
    }
  }
}
