package io.penstock.router.price;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Fixtures;
import io.penstock.schemas.avro.PinnedPrice;
import io.penstock.schemas.avro.PinnedTarget;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CheckedUsageTest {

  private static final RequestFacts FACTS =
      RequestFacts.newBuilder().setInputTokensBound(1_001L).setChoices(2).build();

  private static final PinnedTarget TARGET =
      PinnedTarget.newBuilder()
          .setPool("p")
          .setUpstreamModel("m")
          .setPrice(PinnedPrice.newBuilder().setName("x").setVersion(1).setLines(List.of()).build())
          .setOutputTokensMax(500)
          .build();

  @Test
  void whatCanBeTrueStaysAsItIs() {
    var usage = Fixtures.usage(CheckedUsage.COUNT_MAX - 5, 5);

    assertThat(check(usage)).isEqualTo(new CheckedUsage(usage, false));
    assertThat(check(Fixtures.usage(0, 0)).quarantined()).isFalse();
    assertThat(CheckedUsage.of(null, FACTS, Surface.OPENAI_CHAT, TARGET).usage()).isNull();
  }

  @Test
  void led07WhatCannotBeTrueIsPutAsideAndEstimated() {
    var negative = Fixtures.usage(-5, 20);
    negative.setRaw(ByteBuffer.wrap(new byte[] {'{', '}'}));
    negative.setServiceTier("flex");

    var checked = check(negative);

    assertThat(checked.quarantined()).isTrue();
    var estimate = checked.usage();
    assertThat(estimate).isNotNull();
    assertThat(estimate.getSource()).isEqualTo(UsageSource.ESTIMATED);
    assertThat(estimate.getInputUncached()).isEqualTo(251);
    assertThat(estimate.getOutputText()).isEqualTo(20);
    assertThat(estimate.getRaw()).isEqualTo(negative.getRaw());
    assertThat(estimate.getServiceTier()).isEqualTo("flex");
  }

  @Test
  void led07AnAnswerThatNobodyCanHaveCountedIsAllThatItWasAllowed() {
    assertThat(output(Fixtures.usage(1, -1))).isEqualTo(1_000);
    assertThat(output(Fixtures.usage(1, Long.MAX_VALUE))).isEqualTo(1_000);
    assertThat(output(Fixtures.usage(-1, 900_000))).isEqualTo(1_000);
    var many = Fixtures.usage(1, CheckedUsage.COUNT_MAX);
    many.setOutputReasoning(1L);
    assertThat(output(many)).isEqualTo(1_000);
  }

  @Test
  void led07UnitsOfToolsThatCannotBeTrueAreLeftOut() {
    var usage = Fixtures.usage(10, 20);
    usage.setToolUnits(Map.of("searches", -3L));

    var checked = check(usage);

    assertThat(checked.quarantined()).isTrue();
    assertThat(checked.usage())
        .isNotNull()
        .satisfies(estimate -> assertThat(estimate.getToolUnits()).isEmpty());
  }

  private static long output(TokenUsage usage) {
    var estimate = check(usage).usage();
    assertThat(estimate).isNotNull();
    var output = estimate.getOutputText();
    assertThat(output).isNotNull();
    return output;
  }

  private static CheckedUsage check(TokenUsage usage) {
    return CheckedUsage.of(usage, FACTS, Surface.OPENAI_CHAT, TARGET);
  }
}
