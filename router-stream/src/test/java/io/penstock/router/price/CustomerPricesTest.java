package io.penstock.router.price;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Fixtures;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.PriceLine;
import io.penstock.schemas.avro.PriceRule;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CustomerPricesTest {

  @Test
  void theNarrowestRuleApplies() {
    var rules =
        List.of(
            rule("all", null, null, null),
            rule("model", null, null, "two"),
            rule("team", "red", null, null),
            rule("team-model", "red", null, "two"),
            rule("key", null, Fixtures.KEY, null),
            rule("key-model", null, Fixtures.KEY, "two"));

    for (int narrowest = rules.size(); narrowest > 0; narrowest--) {
      assertThat(applied(rules.subList(0, narrowest), request("red", "two")))
          .isEqualTo(rules.get(narrowest - 1).getId());
      assertThat(applied(rules.subList(0, narrowest).reversed(), request("red", "two")))
          .isEqualTo(rules.get(narrowest - 1).getId());
    }
    assertThat(applied(rules.subList(0, 4), request("blue", "two"))).isEqualTo("model");
    assertThat(applied(rules.subList(0, 4), request(null, "one"))).isEqualTo("all");
    assertThat(applied(rules.subList(1, 2), request(null, "one"))).isNull();
  }

  @Test
  void ofEqualsTheFirstApplies() {
    assertThat(
            applied(
                List.of(rule("first", null, null, "two"), rule("second", null, null, "two")),
                request(null, "two")))
        .isEqualTo("first");
  }

  @Test
  void aRuleMayNameTheModelAsTheCallerDoesOrByItsOwnName() {
    var rules = List.of(rule("alias", null, null, "two-alias"), rule("own", null, null, "two"));

    assertThat(applied(rules.subList(0, 1), request(null, "two-alias"))).isEqualTo("alias");
    assertThat(applied(rules.subList(1, 2), request(null, "two-alias"))).isEqualTo("own");
    assertThat(applied(rules.subList(0, 1), request(null, "two"))).isNull();
  }

  @Test
  void aRuleWhosePriceIsNotKnownOrNotInForceIsNoListPrice() {
    var later = price("later");
    later.setEffectiveFrom(Fixtures.T0.plusSeconds(1));
    var missing = rule("missing", null, null, null);
    missing.setPrice("nowhere");
    var early = rule("early", null, null, null);
    early.setPrice("later");

    assertThat(of(List.of(missing), null, request(null, "two")))
        .isEqualTo(new CustomerPrice.Unknown("missing", "nowhere"));
    assertThat(of(List.of(early), later, request(null, "two")))
        .isEqualTo(new CustomerPrice.Unknown("early", "later"));
    later.setEffectiveFrom(Fixtures.T0);
    assertThat(of(List.of(early), later, request(null, "two")))
        .isInstanceOfSatisfying(
            CustomerPrice.Ruled.class,
            ruled -> assertThat(ruled.rule().getPrice().getName()).isEqualTo("later"));
  }

  private static @Nullable String applied(List<PriceRule> rules, InferenceRequested request) {
    return switch (of(rules, null, request)) {
      case CustomerPrice.AtList _ -> null;
      case CustomerPrice.Ruled(var rule, _) -> rule.getId();
      case CustomerPrice.Unknown(var rule, _) -> "unknown " + rule;
    };
  }

  private static CustomerPrice of(
      List<PriceRule> rules, @Nullable PriceEntry price, InferenceRequested request) {
    var organization =
        OrganizationEntry.newBuilder()
            .setId(Fixtures.ACME)
            .setName("Acme")
            .setPriceRules(rules)
            .build();
    return CustomerPrices.of(
            organization, name -> price != null && price.getName().equals(name) ? price : null)
        .of(
            request,
            List.of(request.getModel(), request.getModel().replace("-alias", "")),
            Fixtures.T0);
  }

  private static InferenceRequested request(@Nullable String team, String model) {
    var request = Fixtures.request("r", model, AnswerTo.REPLY);
    request.setTeam(team);
    return request;
  }

  private static PriceRule rule(
      String id, @Nullable String team, @Nullable String key, @Nullable String model) {
    return new PriceRule(id, team, key, model, null, "1.5", 0L);
  }

  private static PriceEntry price(String name) {
    return PriceEntry.newBuilder()
        .setName(name)
        .setVersion(1)
        .setLines(List.of(new PriceLine("output_text", "1", 0L, null)))
        .build();
  }
}
