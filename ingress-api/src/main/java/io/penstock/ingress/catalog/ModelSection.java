package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.ModelEntry;
import io.penstock.schemas.avro.Strategy;
import io.penstock.schemas.avro.Target;
import io.penstock.schemas.avro.UnknownPrice;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One of {@code models}. */
final class ModelSection {

  private static final long ATTEMPTS_DEFAULT = 6;
  private static final long OUTPUT_TOKENS_DEFAULT = 4096;
  private static final long TOKENS_MAX = 100_000_000;
  private static final String COST_USD_MAX = "1000000";

  /** What a request may need of a target. */
  private static final Set<String> CAPABILITIES =
      new TreeSet<>(Set.of("tools", "vision", "audio", "json_schema", "prefill"));

  private ModelSection() {}

  static ModelEntry read(Section section) {
    var targets = new ArrayList<Target>();
    for (var target : section.sections("targets")) {
      targets.add(target(target));
    }
    if (targets.isEmpty()) {
      section.error("targets", "at least one is required");
    }
    var name = Names.model(section, "name");
    var aliases = section.texts("aliases");
    aliases.forEach(alias -> Names.model(section, "aliases", alias));
    var strategy = section.choice("strategy", Strategy.class, Strategy.PRIORITY);
    if (strategy == Strategy.WEIGHTED && weightless(targets)) {
      section.error("targets", "at least one needs a weight above 0");
    }
    var unknownPrice = section.choice("unknown-price", UnknownPrice.class, UnknownPrice.REJECT);
    return ModelEntry.newBuilder()
        .setName(name)
        .setAliases(aliases)
        .setStrategy(strategy)
        .setTargets(targets)
        .setAttemptsMax((int) section.number("attempts-max", ATTEMPTS_DEFAULT, 1, 100))
        .setCostMaxUsd(costMax(section))
        .setRules(RuleSection.read(section, strategy, targets))
        .setPolicy(PolicySection.read(section))
        .setUnknownPrice(unknownPrice)
        .setFallbackPrice(fallbackPrice(section, unknownPrice))
        .build();
  }

  private static @Nullable String fallbackPrice(Section section, UnknownPrice unknownPrice) {
    var name = section.textOrNull("fallback-price");
    if ((unknownPrice == UnknownPrice.FALLBACK) != (name != null)) {
      section.error(
          "fallback-price",
          name == null
              ? "is required for the unknown-price fallback"
              : "only the unknown-price fallback heeds it");
    }
    return name == null ? null : Names.model(section, "fallback-price", name);
  }

  private static Target target(Section section) {
    return Target.newBuilder()
        .setPool(Names.segment(section, "pool"))
        .setUpstreamModel(section.requiredText("model"))
        .setPrice(Names.model(section, "price"))
        .setWeight((int) section.number("weight", 1, 0, 1_000_000))
        .setContextWindow(section.numberOrNull("context-window", 1, TOKENS_MAX))
        .setOutputTokensMax(
            section.number("output-tokens-max", OUTPUT_TOKENS_DEFAULT, 1, TOKENS_MAX))
        .setCapabilities(capabilities(section))
        .setResidency(residency(section))
        .build();
  }

  private static boolean weightless(List<Target> targets) {
    return !targets.isEmpty() && targets.stream().allMatch(target -> target.getWeight() == 0);
  }

  private static List<String> capabilities(Section section) {
    var capabilities = section.texts("capabilities");
    for (var capability : capabilities) {
      if (!CAPABILITIES.contains(capability)) {
        section.error(
            "capabilities",
            "must be among " + String.join(", ", CAPABILITIES) + ", not " + capability);
      }
    }
    return capabilities;
  }

  private static List<String> residency(Section section) {
    var tags = section.texts("residency");
    tags.forEach(tag -> Names.segment(section, "residency", tag));
    return tags;
  }

  private static @Nullable String costMax(Section section) {
    var text = section.textOrNull("cost-max-usd");
    return text == null ? null : Decimals.usd(section, "cost-max-usd", text, COST_USD_MAX);
  }
}
