package io.penstock.router.route;

import static io.penstock.router.Fixtures.ACME;
import static io.penstock.router.Fixtures.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.platform.catalog.Catalog;
import io.penstock.router.Fixtures;
import io.penstock.router.admit.RoutingTable;
import io.penstock.router.route.RequestEvent.Finished;
import io.penstock.router.route.RequestEvent.Requested;
import io.penstock.router.route.RequestState.InFlight;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.ChargeLine;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.ModelEntry;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.PriceChange;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.PriceLine;
import io.penstock.schemas.avro.PriceRule;
import io.penstock.schemas.avro.UnknownPrice;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What requests are charged from their admission to their end, as prices and rules change. */
class PricesTest {

  /** 80 tokens in and 20 out at 0.15 and 0.6 USD per million. */
  private static final long CHEAP = 80 * 150 + 20 * 600;

  private final Map<String, CatalogEntry> entries = new HashMap<>(Fixtures.catalog().entries());

  @Test
  void led08AThousandRequestsInFlightOverAPriceChangeAreChargedByTheirHolds() {
    var change = T0.plusSeconds(10);
    var random = new Random(8);
    price("cheap", 3, null, lines("0.15", "0.6"), new PriceChange(change, lines("0.3", "1.2")));
    var before = table();
    price("cheap", 4, null, lines("1", "2"));
    var published = table();
    var open = new HashMap<Journey, Long>();
    for (int i = 0; i < 1_000; i++) {
      var journey = new Journey(before);
      journey.now = T0.plusMillis(random.nextInt(20_000));
      var request = Fixtures.request("r" + i, "one", AnswerTo.RESULT);
      request.setDeadlineAt(T0.plus(Duration.ofHours(1)));
      journey.on(new Requested(request));
      open.put(journey, journey.now.isBefore(change) ? CHEAP : 2 * CHEAP);
    }

    open.forEach(
        (journey, expected) -> {
          journey.table = published;
          if (random.nextBoolean()) {
            journey.after(Duration.ofSeconds(15)).fails(FailureKind.SERVER_ERROR).comesDue();
          }
          var outcome = new Finished(Fixtures.finished(journey.lastCall(), journey.now));
          journey.on(outcome).on(outcome);

          var usage = journey.settlement();
          assertThat(usage.getChargeNanoUsd()).isEqualTo(expected);
          assertThat(usage.getCostNanoUsd()).isEqualTo(expected);
          assertThat(usage.getPriceVersion()).isEqualTo(3);
          assertThat(usage.getOverageNanoUsd()).isZero();
        });
    assertThat(open.values()).contains(CHEAP, 2 * CHEAP);

    var after = new Journey(published).on(new Requested(request("one"))).succeeds();
    assertThat(after.settlement().getPriceVersion()).isEqualTo(4);
    assertThat(after.settlement().getChargeNanoUsd()).isEqualTo(80 * 1_000 + 20 * 2_000);
  }

  @Test
  void anAnswerInATierThatThePoolDidNotAdmitToIsChargedInFullAndRecordedAsOverage() {
    var lines = new ArrayList<>(lines("0.15", "0.6"));
    for (var line : lines("1.5", "6")) {
      line.setServiceTier("priority");
      lines.add(line);
    }
    price("cheap", 3, null, lines);
    var journey = new Journey(table()).on(new Requested(request("one")));
    var held = ((InFlight) journey.state).ticket().getHoldNanoUsd();
    var outcome = Fixtures.finished(journey.lastCall(), journey.now);
    outcome.getUsage().setServiceTier("priority");

    journey.on(new Finished(outcome));

    assertThat(held).isEqualTo(100 * 150 + 50 * 600);
    var usage = journey.settlement();
    assertThat(usage.getChargeNanoUsd()).isEqualTo(10 * CHEAP);
    assertThat(usage.getOverageNanoUsd()).isEqualTo(10 * CHEAP - held);
    assertThat(usage.getFlags()).containsExactly("overage");
  }

  @Test
  void led06ATargetWithoutAPriceIsRefusedByDefault() {
    var journey = new Journey(table()).on(new Requested(request("unpriced")));

    assertThat(journey.result().getHttpStatus()).isEqualTo(422);
    assertThat(journey.result().getErrorCode()).isEqualTo("price_unknown");
    assertThat(journey.last(Effect.AuditSeldom.class).record().getDetails())
        .containsEntry("what", "refused");
    assertThat(journey.of(Effect.Call.class)).isEmpty();
  }

  @Test
  void led06AFallbackPriceIsUsedWhereTheModelSaysSo() {
    model("unpriced", UnknownPrice.FALLBACK, "cheap");

    var usage = settled(request("unpriced"));

    assertThat(usage.getPrice()).isEqualTo("cheap");
    assertThat(usage.getChargeNanoUsd()).isEqualTo(CHEAP);
    assertThat(usage.getFlags()).isEmpty();
  }

  @Test
  void led06AnUnknownPriceIsNothingAndFlaggedWhereTheModelSaysSo() {
    model("unpriced", UnknownPrice.ZERO_FLAGGED, null);

    var journey = new Journey(table()).on(new Requested(request("unpriced"))).succeeds();

    var usage = journey.settlement();
    assertThat(usage.getPrice()).isEqualTo("nowhere");
    assertThat(usage.getChargeNanoUsd()).isZero();
    assertThat(usage.getChargeLines()).isEmpty();
    assertThat(usage.getFlags()).containsExactly("price_unknown");
    assertThat(journey.of(Effect.Flag.class))
        .extracting(Effect.Flag::kind)
        .containsExactly(Effect.Flag.Kind.PRICE_UNKNOWN);
    assertThat(journey.last(Effect.AuditSeldom.class).record().getDetails())
        .containsEntry("what", "charged nothing");
  }

  @Test
  void led06APriceThatIsNotYetInForceIsNotKnown() {
    price("cheap", 3, T0.plusSeconds(60), lines("0.15", "0.6"));

    var early = new Journey(table()).on(new Requested(request("one")));
    var late = new Journey(table()).after(Duration.ofSeconds(60));
    late.on(new Requested(request("one")));

    assertThat(early.result().getErrorCode()).isEqualTo("price_unknown");
    assertThat(late.state).isInstanceOf(InFlight.class);

    model("one", UnknownPrice.FALLBACK, "dear");
    assertThat(settled(request("one")).getPrice()).isEqualTo("dear");
  }

  @Test
  void aCustomersPriceIsChargedAndTheListPriceToldAndTheCostUntouched() {
    rules(new PriceRule("markup", null, null, null, null, "1.2", 5L));

    var usage = settled(request("one"));

    assertThat(usage.getChargeLines())
        .containsExactly(
            new ChargeLine("input_uncached", 80L, "0.18", 80 * 180L),
            new ChargeLine("output_text", 20L, "0.72", 20 * 720L),
            new ChargeLine("request", 1L, "0.005", 5L));
    assertThat(usage.getChargeNanoUsd()).isEqualTo(CHEAP * 6 / 5 + 5);
    assertThat(usage.getListNanoUsd()).isEqualTo(CHEAP);
    assertThat(usage.getCostNanoUsd()).isEqualTo(CHEAP);
    assertThat(usage.getPriceRule()).isEqualTo("markup");
    assertThat(usage.getHoldNanoUsd()).isEqualTo((100 * 150 + 50 * 600) * 6 / 5 + 5);
  }

  @Test
  void aPriceThatTakesThePlaceOfTheTargetsIsChargedWhoeverServes() {
    rules(new PriceRule("fixed", null, null, "two", "dear", "0.5", 0L));
    var journey = new Journey(table()).on(new Requested(request("two")));

    journey.succeeds();

    var usage = journey.settlement();
    assertThat(usage.getPrice()).isEqualTo("dear");
    assertThat(usage.getChargeNanoUsd()).isEqualTo((80 * 2_500 + 20 * 10_000) / 2);
    assertThat(usage.getListNanoUsd()).isEqualTo(CHEAP);
    assertThat(usage.getAttempts().getFirst().getCostNanoUsd()).isEqualTo(CHEAP);
  }

  @Test
  void noRuleNoListPrice() {
    var usage = settled(request("one"));

    assertThat(usage.getListNanoUsd()).isNull();
    assertThat(usage.getPriceRule()).isNull();
  }

  @Test
  void aRuleIsPinnedInTheHold() {
    rules(new PriceRule("old", null, null, null, null, "0.5", 0L));
    var journey = new Journey(table()).on(new Requested(request("one")));
    rules(new PriceRule("new", null, null, null, null, "3", 0L));
    journey.table = table();

    journey.succeeds();

    assertThat(journey.settlement().getPriceRule()).isEqualTo("old");
    assertThat(journey.settlement().getChargeNanoUsd()).isEqualTo(CHEAP / 2);
  }

  @Test
  void aRuleWhosePriceIsNotKnownRefuses() {
    rules(new PriceRule("broken", null, null, null, "nowhere", "1", 0L));

    var journey = new Journey(table()).on(new Requested(request("one")));

    assertThat(journey.result().getErrorCode()).isEqualTo("price_unknown");
  }

  @Test
  void batchLinesAreChargedByTheFactorOfThePriceAndCostInFull() {
    price("cheap", 3, null, lines("0.15", "0.6"));
    ((PriceEntry) entry("price/cheap").getEntry()).setBatchFactor("0.5");

    var batch = settled(request("one"));
    var waiting = settled(Fixtures.request("r", "one", AnswerTo.BOTH));

    assertThat(batch.getChargeNanoUsd()).isEqualTo(CHEAP / 2);
    assertThat(batch.getHoldNanoUsd()).isEqualTo((100 * 150 + 50 * 600) / 2);
    assertThat(batch.getCostNanoUsd()).isEqualTo(CHEAP);
    assertThat(waiting.getChargeNanoUsd()).isEqualTo(CHEAP);
  }

  @Test
  void theTierAskedForIsPinnedAndPricedWhereTheProviderSaysNone() {
    var flex = new PriceLine("input_uncached", "0.05", 0L, "flex");
    price(
        "cheap",
        3,
        null,
        List.of(lines("0.15", "0.6").getFirst(), lines("0.15", "0.6").getLast(), flex));
    var request = request("one");
    request.setServiceTier("flex");

    assertThat(settled(request).getChargeNanoUsd()).isEqualTo(80 * 50 + 20 * 600);
    assertThat(settled(request("one")).getChargeNanoUsd()).isEqualTo(CHEAP);
  }

  @Test
  void led07CountsThatCannotBeTrueAreSettledAtTheEstimateAndFlagged() {
    for (var count : List.of(-1L, Long.MAX_VALUE)) {
      var journey = new Journey(table()).on(new Requested(request("one")));
      var outcome = Fixtures.finished(journey.lastCall(), T0);
      outcome.getUsage().setInputUncached(count);

      journey.on(new Finished(outcome));

      var usage = journey.settlement();
      assertThat(usage.getFlags()).containsExactly("estimated", "usage_quarantined");
      assertThat(usage.getChargeNanoUsd()).isEqualTo(25 * 150 + 20 * 600);
      assertThat(usage.getCostNanoUsd()).isEqualTo(25 * 150 + 20 * 600);
      assertThat(usage.getOverageNanoUsd()).isZero();
      assertThat(usage.getAttempts().getFirst().getUsage().getInputUncached()).isEqualTo(25);
      assertThat(journey.of(Effect.Flag.class))
          .extracting(Effect.Flag::kind)
          .contains(Effect.Flag.Kind.USAGE_QUARANTINED);
    }
  }

  private UsageRecorded settled(InferenceRequested request) {
    return new Journey(table()).on(new Requested(request)).succeeds().settlement();
  }

  private static InferenceRequested request(String model) {
    return Fixtures.request("r", model, AnswerTo.RESULT);
  }

  private RoutingTable table() {
    return new RoutingTable(new Catalog(entries), _ -> true);
  }

  private void rules(PriceRule... rules) {
    put(
        "organization",
        ACME,
        OrganizationEntry.newBuilder()
            .setId(ACME)
            .setName("Acme")
            .setPriceRules(List.of(rules))
            .build());
  }

  private void model(String name, UnknownPrice unknown, @Nullable String fallback) {
    put(
        "model",
        name,
        ModelEntry.newBuilder((ModelEntry) entry("model/" + name).getEntry())
            .setUnknownPrice(unknown)
            .setFallbackPrice(fallback)
            .build());
  }

  private void price(
      String name,
      long version,
      @Nullable Instant from,
      List<PriceLine> lines,
      PriceChange... changes) {
    put(
        "price",
        name,
        PriceEntry.newBuilder()
            .setName(name)
            .setVersion(version)
            .setLines(lines)
            .setEffectiveFrom(from)
            .setChanges(List.of(changes))
            .build());
  }

  private void put(String kind, String name, Object entry) {
    entries.put(kind + "/" + name, new CatalogEntry(kind, name, 1L, null, T0, entry));
  }

  private CatalogEntry entry(String key) {
    var entry = entries.get(key);
    assertThat(entry).isNotNull();
    return entry;
  }

  private static List<PriceLine> lines(String input, String output) {
    return List.of(
        new PriceLine("input_uncached", input, 0L, null),
        new PriceLine("output_text", output, 0L, null));
  }
}
