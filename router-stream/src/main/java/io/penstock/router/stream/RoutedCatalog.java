package io.penstock.router.stream;

import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.kafka.KafkaClients;
import io.penstock.platform.kafka.TopicAdmin;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.router.admit.RoutingTable;
import io.penstock.router.select.Rule;
import io.penstock.schemas.TopicSpec;
import io.penstock.schemas.avro.PoolEntry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The catalogue as the router uses it: a pool takes part once its topics exist, because a producer
 * would block on one that does not. Written by the catalogue's thread, read by any.
 */
public final class RoutedCatalog implements Consumer<Catalog>, Supplier<RoutingTable> {

  private static final Logger LOG = LoggerFactory.getLogger(RoutedCatalog.class);

  private final KafkaClients clients;
  private final Set<String> callable = new HashSet<>();
  private Set<String> told = new HashSet<>();
  private volatile RoutingTable table = new RoutingTable(Catalog.EMPTY, _ -> false);

  public RoutedCatalog(KafkaClients clients) {
    this.clients = clients;
  }

  @Override
  public synchronized void accept(Catalog catalog) {
    var added = new ArrayList<String>();
    for (PoolEntry pool : catalog.pools()) {
      if (!callable.contains(pool.getName())) {
        added.add(pool.getName());
      }
    }
    if (!added.isEmpty()) {
      createTopics(added);
    }
    table = new RoutingTable(catalog, Set.copyOf(callable)::contains);
    tellOfRules(catalog);
  }

  /** A rule that cannot be compiled never holds; nobody would notice. */
  private void tellOfRules(Catalog catalog) {
    var found = new HashSet<String>();
    for (var model : catalog.models()) {
      var route = table.route(model.getName());
      for (var rule : route == null ? List.<Rule>of() : route.rules()) {
        var problem = rule.problem();
        if (problem == null) {
          continue;
        }
        var name = model.getName() + " " + rule.number() + " " + problem;
        found.add(name);
        if (!told.contains(name)) {
          LOG.atWarn()
              .addKeyValue(LogKeys.MODEL, model.getName())
              .addKeyValue(LogKeys.COUNT, rule.number())
              .addKeyValue(LogKeys.STATE, problem)
              .log("a rule of a model cannot be understood, routing without it");
        }
      }
    }
    told = found;
  }

  private void createTopics(ArrayList<String> pools) {
    var specs = new ArrayList<TopicSpec>();
    pools.forEach(pool -> specs.addAll(clients.topics().ofPool(pool)));
    try (var admin = clients.admin()) {
      TopicAdmin.ensure(admin, clients.settings(), specs);
      callable.addAll(pools);
    } catch (KafkaException | IllegalStateException e) {
      LOG.atError()
          .addKeyValue(LogKeys.POOL, pools)
          .setCause(e)
          .log("topics of new pools cannot be created, routing without these pools");
    }
  }

  @Override
  public RoutingTable get() {
    return table;
  }
}
