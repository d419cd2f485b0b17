package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.ModelEntry;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.UnknownPrice;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/** Whether every name in a file leads somewhere, and only to one thing. */
final class References {

  private final Map<String, SpecificRecord> entries;
  private final Section root;
  private final Map<String, String> modelNames = new HashMap<>();
  private final HashSet<String> hashes = new HashSet<>();

  private References(Map<String, SpecificRecord> entries, Section root) {
    this.entries = entries;
    this.root = root;
  }

  static void check(Map<String, SpecificRecord> entries, Section root) {
    var references = new References(entries, root);
    for (var entry : entries.values()) {
      switch (entry) {
        case ModelEntry model -> references.modelNames.put(model.getName(), model.getName());
        default -> {} // only models have names beside the key of their entry
      }
    }
    for (var entry : entries.values()) {
      switch (entry) {
        case ApiKeyEntry key -> references.key(key);
        case ModelEntry model -> references.model(model);
        case OrganizationEntry organization -> references.organization(organization);
        case BudgetEntry budget -> references.budget(budget);
        default -> {} // pools and prices refer to nothing
      }
    }
  }

  private void limits(OrganizationEntry organization) {
    for (var limit : organization.getRateLimits()) {
      var model = limit.getScope() == BudgetScope.MODEL ? limit.getScopeName() : limit.getModel();
      if (model != null && !anyName(model)) {
        root.error(
            "organizations", organization.getId() + ": there is no model " + model + " to limit");
      }
    }
  }

  private void key(ApiKeyEntry key) {
    require("keys", key.getName(), "organization", key.getOrganization());
    if (!key.getHash().isEmpty() && !hashes.add(key.getHash())) {
      root.error("keys", key.getName() + ": another key has the same secret");
    }
  }

  private void organization(OrganizationEntry organization) {
    for (var rule : organization.getPriceRules()) {
      if (rule.getPrice() != null) {
        require("organizations", organization.getId(), "price", rule.getPrice());
      }
      var model = rule.getModel();
      if (model != null && !anyName(model)) {
        root.error("organizations", organization.getId() + ": there is no model " + model);
      }
    }
    limits(organization);
  }

  private void budget(BudgetEntry budget) {
    require("budgets", budget.getId(), "organization", budget.getOrganization());
    for (var rule : budget.getDegrade()) {
      if (!rule.getModel().isEmpty() && !anyName(rule.getModel())) {
        root.error("budgets", budget.getId() + ": there is no model " + rule.getModel());
      }
    }
  }

  private boolean anyName(String model) {
    return entries.values().stream()
        .anyMatch(
            entry ->
                entry instanceof ModelEntry known
                    && (known.getName().equals(model) || known.getAliases().contains(model)));
  }

  private void model(ModelEntry model) {
    for (var target : model.getTargets()) {
      require("models", model.getName(), "pool", target.getPool());
      if (model.getUnknownPrice() == UnknownPrice.REJECT) {
        require("models", model.getName(), "price", target.getPrice());
      }
    }
    if (model.getFallbackPrice() != null) {
      require("models", model.getName(), "price", model.getFallbackPrice());
    }
    for (var alias : model.getAliases()) {
      var other = modelNames.putIfAbsent(alias, model.getName());
      if (other != null) {
        root.error("models", model.getName() + ": the alias " + alias + " already means " + other);
      }
    }
  }

  private void require(String section, String name, String kind, String reference) {
    if (kind.equals("organization") && reference.equals(CatalogFile.ADMIN_ORGANIZATION)) {
      return;
    }
    if (!reference.isEmpty() && !entries.containsKey(kind + "/" + reference)) {
      root.error(section, name + ": there is no " + kind + " " + reference);
    }
  }
}
