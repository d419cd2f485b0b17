package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.ModelEntry;
import io.penstock.schemas.avro.Strategy;
import io.penstock.schemas.avro.Target;
import java.util.ArrayList;
import java.util.List;

/** One of {@code models}. */
final class ModelSection {

  private static final long ATTEMPTS_DEFAULT = 6;
  private static final long OUTPUT_TOKENS_DEFAULT = 4096;
  private static final long TOKENS_MAX = 100_000_000;

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
    return new ModelEntry(
        name,
        aliases,
        section.choice("strategy", Strategy.class, Strategy.PRIORITY),
        targets,
        (int) section.number("attempts-max", ATTEMPTS_DEFAULT, 1, 100),
        null,
        List.of(),
        null);
  }

  private static Target target(Section section) {
    return new Target(
        Names.segment(section, "pool"),
        section.requiredText("model"),
        Names.model(section, "price"),
        (int) section.number("weight", 1, 0, 1_000_000),
        section.numberOrNull("context-window", 1, TOKENS_MAX),
        section.number("output-tokens-max", OUTPUT_TOKENS_DEFAULT, 1, TOKENS_MAX),
        section.texts("capabilities"),
        section.texts("residency"));
  }
}
