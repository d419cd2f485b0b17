package io.penstock.billing.report;

import static io.penstock.billing.UsageFixtures.answered;
import static io.penstock.billing.UsageFixtures.correction;
import static io.penstock.billing.UsageFixtures.failed;
import static io.penstock.billing.UsageFixtures.lateCost;
import static io.penstock.billing.UsageFixtures.settlement;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class UsageRowsTest {

  private static final TreeMap<String, Long> TOKENS =
      new TreeMap<>(Map.of("input_uncached", 11L, "output_text", 7L));
  private static final TreeMap<String, Long> NONE = new TreeMap<>();
  private static final TreeMap<String, Long> CHARGES = new TreeMap<>(Map.of("output_text", 20L));

  @Test
  void theRequestCountsWhereItWasAnsweredAndEachCallWhereItWasMade() {
    var usage =
        settlement("acme", "r1", List.of(failed(1, "openai", 5), answered(2, "azure", 7)), 20);

    var rows = UsageRows.byPool(usage);

    assertThat(rows)
        .containsExactly(
            Map.entry("azure", new RollUp(1, 1, 1, TOKENS, TOKENS, 20, 0, 7, CHARGES, 0)),
            Map.entry("openai", new RollUp(0, 0, 1, NONE, TOKENS, 0, 0, 5, NONE, 0)));
  }

  @Test
  void aRequestThatNobodyAnsweredCountsWhereItWasTriedLast() {
    var usage = settlement("acme", "r1", List.of(failed(1, "openai", 5), failed(2, "azure", 7)));
    usage.setSucceeded(false);
    usage.setUsage(null);

    var rows = UsageRows.byPool(usage);

    assertThat(rows.get("azure")).isEqualTo(new RollUp(1, 0, 1, NONE, TOKENS, 0, 0, 7, NONE, 0));
    assertThat(rows.get("openai")).isEqualTo(new RollUp(0, 0, 1, NONE, TOKENS, 0, 0, 5, NONE, 0));
  }

  @Test
  void aRequestWithoutAnyCallCountsUnderNoPool() {
    var usage = settlement("acme", "r1", List.of());
    usage.setSucceeded(false);
    usage.setUsage(null);

    assertThat(UsageRows.byPool(usage))
        .containsExactly(
            Map.entry(RollUpKey.NO_POOL, new RollUp(1, 0, 0, NONE, NONE, 0, 0, 0, NONE, 0)));
  }

  @Test
  void aLateCostIsACallAndNoRequest() {
    var rows = UsageRows.byPool(lateCost("acme", "r1", failed(2, "openai", 9)));

    assertThat(rows)
        .containsExactly(Map.entry("openai", new RollUp(0, 0, 1, NONE, TOKENS, 0, 0, 9, NONE, 0)));
  }

  @Test
  void aRecordCountsInItsMinuteHourAndDayInUtcForItsEndUserAndTagsAndForItsUpstreamModel() {
    var usage = settlement("acme", "r1", List.of(answered(1, "azure", 7)), 20);
    usage.setTeam("core");
    usage.setEndUser("ann");
    usage.setTags(List.of("night"));

    var additions = UsageRows.additions(usage);

    var day = LocalDate.of(2026, 3, 14);
    var group = new UsageGroup("", "core", "key-1", "small", "azure", false, true);
    var whole = new RollUp(1, 1, 1, TOKENS, TOKENS, 20, 0, 7, CHARGES, 0);
    assertThat(additions)
        .containsOnly(
            Map.entry(bucket(BucketWidth.MINUTE, "2026-03-14T23:59:00Z", group), whole),
            Map.entry(bucket(BucketWidth.HOUR, "2026-03-14T23:00:00Z", group), whole),
            Map.entry(bucket(BucketWidth.DAY, "2026-03-14T00:00:00Z", group), whole),
            Map.entry(new RollUpKey.Total("acme", "small", "azure"), whole),
            Map.entry(new RollUpKey.Labelled("acme", Label.END_USER, day, "ann", "small"), whole),
            Map.entry(new RollUpKey.Labelled("acme", Label.TAG, day, "night", "small"), whole),
            Map.entry(
                new RollUpKey.Labelled("acme", Label.PRICE_RULE, day, Label.NONE, "small"), whole),
            Map.entry(
                new RollUpKey.Upstream("acme", day, "azure", "small-2"),
                new RollUp(0, 0, 1, NONE, TOKENS, 0, 0, 7, NONE, 0)));
  }

  @Test
  void usageIsCountedUnderTheModelThatServedNotTheOneAskedFor() {
    var usage = settlement("acme", "r1", List.of(answered(1, "azure", 7)), 20);
    usage.setServedModel("smaller");

    var additions = UsageRows.additions(usage).keySet();

    assertThat(additions).contains(new RollUpKey.Total("acme", "smaller", "azure"));
    assertThat(additions.toString()).doesNotContain("small,", "model=small]");
    assertThat(ChargeRows.of(usage, YearMonth.of(2026, 3), null).keySet())
        .isNotEmpty()
        .allMatch(key -> key.model().equals("smaller"));
  }

  @Test
  void aCorrectionChangesWhatIsOwedAndIsNoRequest() {
    var rows = UsageRows.byPool(correction("acme", "c1", -5));

    assertThat(rows)
        .containsExactly(
            Map.entry(
                RollUpKey.NO_POOL,
                new RollUp(
                    0, 0, 0, NONE, NONE, -5, 0, 0, new TreeMap<>(Map.of("correction", -5L)), 0)));
  }

  private static RollUpKey bucket(BucketWidth width, String start, UsageGroup group) {
    return new RollUpKey.Bucket("acme", width, Instant.parse(start), group);
  }

  @Test
  void everyTokenClassKeepsItsNameAndClassesWithoutTokensAreAbsent() {
    var usage =
        TokenUsage.newBuilder()
            .setSource(UsageSource.PROVIDER)
            .setInputUncached(1L)
            .setInputCacheRead(2L)
            .setInputCacheWrite5m(3L)
            .setInputCacheWrite1h(4L)
            .setInputAudio(5L)
            .setInputImage(6L)
            .setOutputText(0L)
            .setOutputReasoning(8L)
            .setOutputAudio(9L)
            .setOutputImage(10L)
            .setToolUnits(Map.of("web_search", 11L))
            .build();

    var tokens = TokenClasses.of(usage);

    assertThat(tokens)
        .containsExactly(
            Map.entry("input_audio", 5L),
            Map.entry("input_cache_read", 2L),
            Map.entry("input_cache_write_1h", 4L),
            Map.entry("input_cache_write_5m", 3L),
            Map.entry("input_image", 6L),
            Map.entry("input_uncached", 1L),
            Map.entry("output_audio", 9L),
            Map.entry("output_image", 10L),
            Map.entry("output_reasoning", 8L),
            Map.entry("tool_units.web_search", 11L));
    assertThat(TokenClasses.input(tokens)).isEqualTo(21);
    assertThat(TokenClasses.output(tokens)).isEqualTo(27);
  }

  @Test
  void aReportAddsUpAlongTheDimensionsThatItNames() {
    var grouping = new Grouping(List.of(Dimension.MODEL));
    var row = new RollUp(1, 1, 1, TOKENS, TOKENS, 20, 1, 7, CHARGES, 0);
    grouping.add(row("key-1", "small", "azure"), row);
    grouping.add(row("key-2", "small", "openai"), row);
    grouping.add(row("key-1", "large", "azure"), row);

    var rows = grouping.rows();

    assertThat(rows)
        .containsExactly(
            new Grouping.Row(List.of("large"), row),
            new Grouping.Row(List.of("small"), row.plus(row)));
  }

  private static RollUpKey.Bucket row(String key, String model, String pool) {
    return new RollUpKey.Bucket(
        "acme",
        BucketWidth.DAY,
        Instant.EPOCH,
        new UsageGroup("", "", key, model, pool, false, true));
  }

  @Test
  void led07FlagsAndThePriceRuleOfARecordAreSummedUnderTheirNames() {
    var usage = settlement("acme", "r1", List.of(), 20);
    usage.setFlags(List.of("estimated", "overage"));
    usage.setPriceRule("reseller");
    usage.setListNanoUsd(25L);

    var additions = UsageRows.additions(usage);

    for (var key :
        List.of(
            new RollUpKey.Labelled("acme", Label.FLAG, DAY, "estimated", "small"),
            new RollUpKey.Labelled("acme", Label.FLAG, DAY, "overage", "small"),
            new RollUpKey.Labelled("acme", Label.PRICE_RULE, DAY, "reseller", "small"))) {
      var sums = additions.get(key);
      assertThat(sums).as("%s", key).isNotNull();
      assertThat(sums.chargeNanoUsd()).isEqualTo(20);
      assertThat(sums.listNanoUsd()).isEqualTo(25);
    }
  }

  private static final LocalDate DAY = LocalDate.of(2026, 3, 14);
}
