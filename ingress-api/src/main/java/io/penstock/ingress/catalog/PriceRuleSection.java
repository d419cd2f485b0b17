package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.platform.money.Money;
import io.penstock.schemas.avro.PriceRule;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The {@code price-rules} of an organisation. */
final class PriceRuleSection {

  /** A slip of the decimal point is more likely than a markup of ninety-nine hundred percent. */
  private static final BigDecimal FACTOR_MAX = BigDecimal.valueOf(100);

  private static final String REQUEST_USD_MAX = "1000";

  private PriceRuleSection() {}

  static List<PriceRule> read(Section organization) {
    var rules = new ArrayList<PriceRule>();
    var ids = new HashSet<String>();
    for (var section : organization.sections("price-rules")) {
      var rule = rule(section);
      if (!rule.getId().isEmpty() && !ids.add(rule.getId())) {
        section.error("id", "there is another price rule of this id: " + rule.getId());
      }
      rules.add(rule);
    }
    return rules;
  }

  private static PriceRule rule(Section section) {
    return PriceRule.newBuilder()
        .setId(Names.segment(section, "id"))
        .setTeam(section.textOrNull("team"))
        .setApiKey(section.textOrNull("key"))
        .setModel(model(section, "model"))
        .setPrice(model(section, "price"))
        .setFactor(Decimals.factor(section, "factor", section.text("factor", "1"), FACTOR_MAX))
        .setRequestNanoUsd(fee(section))
        .build();
  }

  private static @Nullable String model(Section section, String key) {
    var name = section.textOrNull(key);
    return name == null ? null : Names.model(section, key, name);
  }

  private static long fee(Section section) {
    var text = section.textOrNull("request-usd");
    return text == null
        ? 0
        : Money.ofUsd(Decimals.usd(section, "request-usd", text, REQUEST_USD_MAX)).nanoUsd();
  }
}
