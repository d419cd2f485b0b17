package io.penstock.router.select;

import static io.penstock.router.Fixtures.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.router.Fixtures;
import io.penstock.router.price.CustomerPrice;
import io.penstock.router.select.PoolHealth.Condition;
import io.penstock.router.select.PoolHealth.State;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.ConsideredTarget;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.PinnedRule;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.PriceLine;
import io.penstock.schemas.avro.RoutePreferences;
import io.penstock.schemas.avro.RouteRule;
import io.penstock.schemas.avro.Strategy;
import io.penstock.schemas.avro.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SelectorTest {

  private static final Condition SLOW = measured(300);
  private static final CustomerPrice AT_LIST = new CustomerPrice.AtList();

  private static Condition measured(long millis) {
    return new Condition(State.UP, null, millis, false);
  }

  private static Target target(String pool) {
    return Target.newBuilder()
        .setPool(pool)
        .setUpstreamModel("m")
        .setPrice("p")
        .setOutputTokensMax(1000)
        .build();
  }

  private static PricedTarget priced(Target target, String input, String output) {
    return PricedTarget.of(
        "m",
        target,
        PoolEntry.newBuilder()
            .setName(target.getPool())
            .setProvider("provider-" + target.getPool())
            .setDialect("openai")
            .setBaseUrl("http://localhost")
            .build(),
        PriceEntry.newBuilder()
            .setName("p")
            .setVersion(1L)
            .setLines(
                List.of(
                    PriceLine.newBuilder()
                        .setTokenClass("input_uncached")
                        .setUsdPerMillion(input)
                        .build(),
                    PriceLine.newBuilder()
                        .setTokenClass("output_text")
                        .setUsdPerMillion(output)
                        .build()))
            .build());
  }

  private static PricedTarget priced(Target target) {
    return priced(target, "1", "1");
  }

  private static ModelRoute route(Strategy strategy, PricedTarget... targets) {
    return new ModelRoute("m", strategy, List.of(targets), List.of(), List.of(), 6, null, null);
  }

  private static ModelRoute ruled(List<RouteRule> rules, PricedTarget... targets) {
    var compiled = new ArrayList<Rule>();
    rules.forEach(rule -> compiled.add(Rule.of(compiled.size() + 1, rule)));
    return new ModelRoute(
        "m", Strategy.RULES, List.of(targets), List.of(), compiled, 6, null, null);
  }

  private static InferenceRequested request(String id) {
    return Fixtures.request(id, "m", AnswerTo.REPLY);
  }

  private static InferenceRequested wishing(RoutePreferences.Builder preferences) {
    var request = request("r");
    request.setPreferences(preferences.build());
    return request;
  }

  private static RoutePreferences.Builder wish() {
    return RoutePreferences.newBuilder();
  }

  private static Selection select(
      InferenceRequested request, PoolHealth health, ModelRoute... routes) {
    return select(request, AT_LIST, health, routes);
  }

  private static Selection select(
      InferenceRequested request, CustomerPrice customer, PoolHealth health, ModelRoute... routes) {
    return Selector.select(
        new Question(request, List.of(routes), List.of(), customer, null, T0), health);
  }

  private static Selection select(InferenceRequested request, ModelRoute... routes) {
    return select(request, PoolHealth.ALL_UP, routes);
  }

  private static PoolHealth health(Map<String, Condition> conditions) {
    return (pool, _) -> conditions.getOrDefault(pool, Condition.UP);
  }

  private static List<String> pools(Selection selection) {
    assertThat(selection).isInstanceOf(Selection.Selected.class);
    return ((Selection.Selected) selection)
        .targets().stream().map(target -> target.pinned().getPool()).toList();
  }

  private static @Nullable String reason(Selection selection, String pool) {
    return selection.explanation().getConsidered().stream()
        .filter(each -> each.getPool().equals(pool))
        .map(each -> each.getVerdict() + ": " + each.getReason())
        .findFirst()
        .orElse(null);
  }

  @Nested
  class ByStrategy {

    @Test
    void priorityKeepsTheOrderOfTheCatalogue() {
      var selection =
          select(request("r"), route(Strategy.PRIORITY, priced(target("b")), priced(target("a"))));

      assertThat(pools(selection)).containsExactly("b", "a");
      assertThat(selection.explanation().getStrategy()).isEqualTo("priority");
      assertThat(reason(selection, "b")).isEqualTo("chosen: priority 1");
      assertThat(reason(selection, "a")).isEqualTo("fallback: priority 2");
    }

    @Test
    void weightsShareRequestsAndTheSameRequestAlwaysGoesTheSameWay() {
      var heavy = target("heavy");
      heavy.setWeight(3);
      var none = target("none");
      none.setWeight(0);
      var route = route(Strategy.WEIGHTED, priced(none), priced(target("light")), priced(heavy));
      var firsts = new HashMap<String, Integer>();
      for (int i = 0; i < 4_000; i++) {
        var pools = pools(select(request("req-" + i), route));

        assertThat(pools).hasSize(3).endsWith("none");
        assertThat(pools(select(request("req-" + i), route))).isEqualTo(pools);
        firsts.merge(pools.getFirst(), 1, Integer::sum);
      }

      assertThat(firsts.get("heavy")).isBetween(2_850, 3_150);
      assertThat(firsts.get("light")).isBetween(850, 1_150);
    }

    @Test
    void theCheapestIsTheOneForTheSizeOfThisRequest() {
      var route =
          route(
              Strategy.CHEAPEST,
              priced(target("cheap-input"), "1", "30"),
              priced(target("cheap-output"), "10", "2"));
      var writes = request("r");
      writes.getFacts().setInputTokensBound(10);
      writes.getFacts().setOutputTokensMax(500L);
      var reads = request("r");
      reads.getFacts().setInputTokensBound(5_000);
      reads.getFacts().setOutputTokensMax(1L);

      assertThat(pools(select(writes, route))).containsExactly("cheap-output", "cheap-input");
      assertThat(pools(select(reads, route))).containsExactly("cheap-input", "cheap-output");
    }

    @Test
    void theFastestGoesFirstAndSmallDifferencesAreNone() {
      var route =
          route(
              Strategy.FASTEST,
              priced(target("a")),
              priced(target("b")),
              priced(target("c")),
              priced(target("d")));
      var health =
          health(Map.of("a", SLOW, "b", measured(109), "c", measured(100), "d", measured(200)));

      assertThat(pools(select(request("r"), health, route))).containsExactly("b", "c", "d", "a");
    }

    @Test
    void aTargetOfUnknownSpeedGetsATryASecond() {
      var route = route(Strategy.FASTEST, priced(target("a")), priced(target("b")));
      var tried = new Condition(State.UP, null, null, true);

      assertThat(pools(select(request("r"), health(Map.of("a", SLOW)), route)))
          .containsExactly("b", "a");
      assertThat(pools(select(request("r"), health(Map.of("a", SLOW, "b", tried)), route)))
          .containsExactly("a", "b");
    }

    @Test
    void theFirstRuleThatHoldsNamesTheTargets() {
      var rules =
          List.of(
              new RouteRule("lane == 'batch'", List.of("a")),
              new RouteRule("images && input_tokens > 50", List.of("c/m", "b")),
              new RouteRule("true", List.of("a")));
      var route = ruled(rules, priced(target("a")), priced(target("b")), priced(target("c")));
      var request = request("r");
      request.getFacts().setImages(true);

      var selection = select(request, route);

      assertThat(pools(selection)).containsExactly("c", "b");
      assertThat(reason(selection, "c")).isEqualTo("chosen: rule 2: images && input_tokens > 50");
      assertThat(reason(selection, "a")).isEqualTo("skipped: rule 2 names others");
    }

    @Test
    void othersThanTheRuleNamesServeWhenNoneOfThoseCan() {
      var blind = target("a");
      blind.setCapabilities(List.of("tools"));
      var rules = List.of(new RouteRule("images", List.of("a")));
      var request = request("r");
      request.getFacts().setImages(true);

      var selection = select(request, ruled(rules, priced(blind), priced(target("b"))));

      assertThat(pools(selection)).containsExactly("b");
      assertThat(reason(selection, "a")).isEqualTo("skipped: cannot do vision");
    }

    @Test
    void aRuleThatCannotBeAskedIsPassedOverAndSaidSo() {
      var rules =
          List.of(
              new RouteRule("metadata.tier == 'gold'", List.of("b")),
              new RouteRule("no such thing", List.of("b")),
              new RouteRule("'vip' in tags", List.of("b")));
      var request = request("r");
      request.setTags(List.of("vip"));

      var selection = select(request, ruled(rules, priced(target("a")), priced(target("b"))));

      assertThat(pools(selection)).containsExactly("b");
      assertThat(selection.explanation().getConsidered())
          .filteredOn(each -> each.getPool().isEmpty())
          .extracting(ConsideredTarget::getReason)
          .anySatisfy(reason -> assertThat(reason).startsWith("rule 1 cannot be asked: "))
          .anySatisfy(reason -> assertThat(reason).startsWith("rule 2 cannot be asked: "));
    }

    @Test
    void whereNoRuleHoldsPriorityDecides() {
      var route =
          ruled(
              List.of(new RouteRule("stream", List.of("b"))),
              priced(target("a")),
              priced(target("b")));

      assertThat(pools(select(request("r"), route))).containsExactly("a", "b");
    }
  }

  @Nested
  class ByPreference {

    private final ModelRoute abc =
        route(
            Strategy.PRIORITY,
            priced(target("a"), "3", "3"),
            priced(target("b"), "1", "9"),
            priced(target("c"), "2", "1"));

    @Test
    void namedPoolsAndProvidersGoFirst() {
      assertThat(pools(select(wishing(wish().setOrder(List.of("c", "Provider-B"))), abc)))
          .containsExactly("c", "b", "a");
    }

    @Test
    void onlyTheAllowedAndNoneOfTheIgnoredServe() {
      assertThat(pools(select(wishing(wish().setOnly(List.of("c", "provider-a"))), abc)))
          .containsExactly("a", "c");
      assertThat(pools(select(wishing(wish().setIgnore(List.of("provider-a"))), abc)))
          .containsExactly("b", "c");
    }

    @Test
    void theCallersSortIsStrongerThanTheModelsStrategy() {
      assertThat(pools(select(wishing(wish().setSort("price")), abc))).startsWith("c");
      var health = health(Map.of("a", SLOW, "b", measured(10), "c", SLOW));
      assertThat(pools(select(wishing(wish().setSort("latency")), health, abc))).startsWith("b");
    }

    @Test
    void pricesAboveTheLimitsAreSkipped() {
      var selection =
          select(wishing(wish().setMaxPriceInput("2.5").setMaxPriceOutput("8.99")), abc);

      assertThat(pools(selection)).containsExactly("c");
      assertThat(reason(selection, "a"))
          .isEqualTo("skipped: its input price is above 2.5 USD per million");
      assertThat(reason(selection, "b"))
          .isEqualTo("skipped: its output price is above 8.99 USD per million");
    }

    @Test
    void aPriceLimitIsOneOfWhatTheCallerIsChargedAndTellsNothingOfWhatProvidersBill() {
      var twice = new CustomerPrice.Ruled(new PinnedRule("markup", "2", 0L, null), null);
      var wish = wish().setMaxPriceInput("3.9").setMaxPriceOutput("20");

      var selection = select(wishing(wish), twice, PoolHealth.ALL_UP, abc);

      assertThat(pools(selection)).containsExactly("b");
      assertThat(reason(selection, "c"))
          .isEqualTo("skipped: its input price is above 3.9 USD per million");
      assertThat(
              pools(select(wishing(wish().setMaxPriceInput("4")), twice, PoolHealth.ALL_UP, abc)))
          .containsExactly("b", "c");
    }

    @Test
    void aPriceThatARuleNamesIsTheSameWhicheverTargetServes() {
      var own = priced(target("own"), "5", "5");
      var agreed =
          new CustomerPrice.Ruled(
              new PinnedRule("agreed", "1", 0L, own.pinned().getPrice()), own.ceiling());

      assertThat(
              pools(select(wishing(wish().setMaxPriceInput("5")), agreed, PoolHealth.ALL_UP, abc)))
          .containsExactly("a", "b", "c");
      assertThat(select(wishing(wish().setMaxPriceInput("4.99")), agreed, PoolHealth.ALL_UP, abc))
          .isInstanceOf(Selection.None.class);
    }

    @Test
    void whatTheCheapestCostsIsToldAsWhatTheCallerIsCharged() {
      var free = new CustomerPrice.Ruled(new PinnedRule("gift", "0", 0L, null), null);

      var selection = select(wishing(wish().setSort("price")), free, PoolHealth.ALL_UP, abc);

      assertThat(pools(selection)).startsWith("c");
      assertThat(reason(selection, "a")).isEqualTo("fallback: at most 0 USD");
    }

    @Test
    void aPriceLimitThatIsNoDecimalIsNotIgnored() {
      assertThatThrownBy(() -> select(wishing(wish().setMaxPriceInput("cheap")), abc))
          .isInstanceOf(NumberFormatException.class);
    }

    @Test
    void withoutFallbacksThereIsOneTarget() {
      assertThat(pools(select(wishing(wish().setAllowFallbacks(false)), abc))).containsExactly("a");
    }

    @Test
    void residencyIsDemandedByTheCallerAndByTheOrganisation() {
      var european = target("eu");
      european.setResidency(List.of("eu", "de"));
      var route = route(Strategy.PRIORITY, priced(target("a")), priced(european));

      assertThat(pools(select(wishing(wish().setResidency("de")), route))).containsExactly("eu");
      var demanded =
          Selector.select(
              new Question(request("r"), List.of(route), List.of(), AT_LIST, "eu", T0),
              PoolHealth.ALL_UP);
      assertThat(pools(demanded)).containsExactly("eu");
      assertThat(reason(demanded, "a"))
          .isEqualTo("skipped: not in eu, as the organisation demands");
    }

    @Test
    void targetsOfFurtherModelsFollowWithoutRepetition() {
      var further = route(Strategy.PRIORITY, priced(target("d")), priced(target("a"), "3", "3"));

      assertThat(pools(select(request("r"), abc, further))).containsExactly("a", "b", "c", "d");
    }
  }

  @Nested
  class BySkipping {

    @Test
    void whatATargetIsKnownNotToDoRulesItOutAndWhatIsUnknownDoesNot() {
      var known = target("known");
      known.setCapabilities(List.of("vision"));
      var route = route(Strategy.PRIORITY, priced(known), priced(target("unknown")));
      var request = request("r");
      request.getFacts().setTools(true);
      request.getFacts().setImages(true);

      var selection = select(request, route);

      assertThat(pools(selection)).containsExactly("unknown");
      assertThat(reason(selection, "known")).isEqualTo("skipped: cannot do tools");
    }

    @Test
    void everyDemandOfTheRequestHasItsCapability() {
      var demands =
          Map.<String, java.util.function.Consumer<InferenceRequested>>of(
              "tools", request -> request.getFacts().setTools(true),
              "vision", request -> request.getFacts().setImages(true),
              "audio", request -> request.getFacts().setAudio(true),
              "json_schema", request -> request.getFacts().setJsonSchema(true),
              "prefill", request -> request.getFacts().setPrefill(true));
      demands.forEach(
          (capability, demand) -> {
            var able = target("able");
            able.setCapabilities(List.of(capability));
            var unable = target("unable");
            unable.setCapabilities(List.of("something else"));
            var request = request("r");
            demand.accept(request);

            assertThat(
                    pools(select(request, route(Strategy.PRIORITY, priced(unable), priced(able)))))
                .as(capability)
                .containsExactly("able");
          });
    }

    @Test
    void aWindowThatMayBeTooSmallIsSkippedOnlyForOneThatIsNot() {
      var small = target("small");
      small.setContextWindow(1_000L);
      var large = target("large");
      large.setContextWindow(100_000L);
      var request = request("r");
      request.getFacts().setInputTokensBound(5_000);

      var both = select(request, route(Strategy.PRIORITY, priced(small), priced(large)));

      assertThat(pools(both)).containsExactly("large");
      assertThat(reason(both, "small"))
          .isEqualTo("skipped: its context window of 1000 tokens may be too small");
      assertThat(pools(select(request, route(Strategy.PRIORITY, priced(small)))))
          .containsExactly("small");
      assertThat(
              pools(select(request("r"), route(Strategy.PRIORITY, priced(small), priced(large)))))
          .containsExactly("small", "large");
    }

    @Test
    void anOpenCircuitIsPassedOverButKeptForLater() {
      var route = route(Strategy.PRIORITY, priced(target("a")), priced(target("b")));

      var selection = select(request("r"), health(Map.of("a", Condition.DOWN)), route);

      assertThat(pools(selection)).containsExactly("a", "b");
      assertThat(((Selection.Selected) selection).first()).isEqualTo(1);
      assertThat(reason(selection, "a")).isEqualTo("skipped: its circuit is open");
      assertThat(reason(selection, "b")).isEqualTo("chosen: priority 2");
    }

    @Test
    void whenAllCircuitsAreOpenTheOneThatIsTriedSoonestIsTheLastResort() {
      var route =
          route(Strategy.PRIORITY, priced(target("a")), priced(target("b")), priced(target("c")));
      var health =
          health(
              Map.of(
                  "a", Condition.DOWN,
                  "b", new Condition(State.DOWN, T0.plusSeconds(9), null, false),
                  "c", new Condition(State.DOWN, T0.plusSeconds(3), null, false)));

      var selection = select(request("r"), health, route);

      assertThat(((Selection.Selected) selection).first()).isEqualTo(2);
      assertThat(reason(selection, "c")).isEqualTo("chosen: no target answers, last resort");
      var unknown = select(request("r"), (_, _) -> Condition.DOWN, route);
      assertThat(((Selection.Selected) unknown).first()).isZero();
    }

    @Test
    void nothingLeftIsExplainedTargetByTarget() {
      var selection =
          select(
              wishing(wish().setOnly(List.of("nobody"))),
              route(Strategy.PRIORITY, priced(target("a")), priced(target("b"))));

      assertThat(selection).isInstanceOf(Selection.None.class);
      assertThat(selection.explanation().getConsidered()).hasSize(2);
    }

    @Test
    void noRequestKeepsMoreTargetsThanItsStateBears() {
      var targets = new PricedTarget[Selector.TARGETS_MAX + 3];
      Arrays.setAll(targets, i -> priced(target("pool-" + i)));

      var selection = select(request("r"), route(Strategy.PRIORITY, targets));

      assertThat(pools(selection)).hasSize(Selector.TARGETS_MAX);
      assertThat(reason(selection, "pool-" + Selector.TARGETS_MAX))
          .isEqualTo("skipped: beyond 16 targets");
    }
  }
}
