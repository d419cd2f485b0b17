package io.penstock.router.price;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.platform.money.Money;
import io.penstock.router.Fixtures;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.AssumedTier;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.PinnedPrice;
import io.penstock.schemas.avro.PinnedRule;
import io.penstock.schemas.avro.PinnedTarget;
import io.penstock.schemas.avro.PriceLine;
import io.penstock.schemas.avro.RequestTicket;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Random prompts at random prices, answered within what was asked for: no charge is above its hold.
 * Tokens are bounded by bytes, as ingress does it; how a tokenizer cuts them is drawn by lot.
 */
class BoundTest {

  private static final int PROMPTS = 100_000;

  private static final List<String> TEXTS =
      List.of(
          "The quick brown fox jumps over the lazy dog. ",
          "🦊🐕‍🦺🇦🇶👩‍👩‍👧‍👦",
          "敏捷的棕色狐狸跳过了懒狗。",
          "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
          "{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{}}}");

  private static final List<String> INPUTS =
      List.of(
          "input_uncached",
          "input_cache_read",
          "input_cache_write_5m",
          "input_cache_write_1h",
          "input_audio",
          "input_image");

  private static final List<String> OUTPUTS =
      List.of("output_text", "output_reasoning", "output_audio", "output_image");

  @Test
  void bud05NoChargeIsAboveItsBound(TestReporter reporter) {
    var random = new Random(5);
    var proportions = new EnumMap<AssumedTier, List<BigDecimal>>(AssumedTier.class);
    var counted = new ArrayList<BigDecimal>();
    for (int i = 0; i < PROMPTS; i++) {
      var price = price(random);
      var rule = rule(random);
      var request = request(random);
      var assumed = random.nextBoolean() ? AssumedTier.ANY : AssumedTier.DEFAULT;
      var usage = usage(random, request, assumed);
      var output = request.getFacts().getChoices() * request.getFacts().getOutputTokensMax();
      var charged = rule == null || rule.getPrice() == null ? price : rule.getPrice();

      var bound = PriceCeiling.of(charged).charge(request, output, assumed, rule);
      var charge = Charge.answered(ticket(request, rule), target(price), usage);

      assertThat(charge.total())
          .as("prompt %d: %s under %s, %s, asked %s", i, usage, charged, rule, request)
          .isLessThanOrEqualTo(bound);
      assertThat(charge.lines().stream().mapToLong(line -> line.getAmountNanoUsd()).sum())
          .isEqualTo(charge.total().nanoUsd());
      if (charge.total().compareTo(Money.ZERO) > 0) {
        proportions
            .computeIfAbsent(assumed, _ -> new ArrayList<>())
            .add(proportion(bound, charge.total()));
        request.getFacts().setInputTokensBound(TokenClasses.input(usage));
        counted.add(
            proportion(
                PriceCeiling.of(charged).charge(request, output, assumed, rule), charge.total()));
      }
    }

    var ordinary = median(proportions.getOrDefault(AssumedTier.DEFAULT, List.of()));
    var any = median(proportions.getOrDefault(AssumedTier.ANY, List.of()));
    reporter.publishEntry("median of bound by charge, ordinary tier", ordinary.toPlainString());
    reporter.publishEntry("median of bound by charge, any tier", any.toPlainString());
    reporter.publishEntry(
        "median if the prompt's tokens were counted", median(counted).toPlainString());
    // docs/budgets.md says how much it is, and why
    assertThat(ordinary).as("ordinary tier").isLessThan(new BigDecimal("6.5"));
    assertThat(any).as("any tier").isLessThan(new BigDecimal("8"));
  }

  private static BigDecimal proportion(Money bound, Money charge) {
    return BigDecimal.valueOf(bound.nanoUsd())
        .divide(BigDecimal.valueOf(charge.nanoUsd()), 3, RoundingMode.HALF_EVEN);
  }

  private static BigDecimal median(List<BigDecimal> values) {
    var sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  /** All classes priced or few, in tiers or none; sometimes finer than a nano-USD a token. */
  private static PinnedPrice price(Random random) {
    var lines = new ArrayList<PriceLine>();
    var text = 1 + random.nextInt(20_000);
    add(random, lines, "input_uncached", text, 1.0);
    add(random, lines, "input_cache_read", text / 10 + 1, 0.7);
    add(random, lines, "input_cache_write_5m", text * 5 / 4 + 1, 0.5);
    add(random, lines, "input_cache_write_1h", text * 2, 0.3);
    add(random, lines, "input_audio", text * 8, 0.3);
    add(random, lines, "input_image", text, 0.2);
    add(random, lines, "output_text", text * 4, 0.95);
    add(random, lines, "output_reasoning", text * 5, 0.2);
    add(random, lines, "output_audio", text * 20, 0.2);
    add(random, lines, "tool_units.web_search_requests", 10_000_000, 0.3);
    return PinnedPrice.newBuilder()
        .setName("p")
        .setVersion(1)
        .setLines(lines)
        .setBatchFactor(random.nextInt(3) == 0 ? "0.5" : null)
        .build();
  }

  private static void add(
      Random random, List<PriceLine> lines, String tokenClass, int price, double chance) {
    if (random.nextDouble() >= chance) {
      return;
    }
    var scale = random.nextInt(4) == 0 ? 6 : 3;
    lines.add(line(tokenClass, price, scale, 0, null));
    if (random.nextInt(3) == 0) {
      lines.add(line(tokenClass, price * 2, scale, 1 + random.nextInt(3_000), null));
    }
    if (random.nextInt(3) == 0) {
      lines.add(line(tokenClass, price * 2 + 1, scale, 0, "priority"));
    }
    if (random.nextInt(4) == 0) {
      lines.add(line(tokenClass, price / 2 + 1, scale, 0, "flex"));
    }
    if (random.nextInt(4) == 0) {
      lines.add(line(tokenClass, price * 4, scale, 1_000, "priority"));
    }
  }

  private static PriceLine line(
      String tokenClass, int price, int scale, long above, @Nullable String tier) {
    return new PriceLine(tokenClass, BigDecimal.valueOf(price, scale).toPlainString(), above, tier);
  }

  private static @Nullable PinnedRule rule(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> new PinnedRule("r", "1.2", (long) random.nextInt(1_000), null);
      case 1 -> new PinnedRule("r", "0.333333333", 0L, price(random));
      default -> null;
    };
  }

  private static InferenceRequested request(Random random) {
    var text = new StringBuilder();
    var pieces = random.nextInt(80);
    for (int i = 0; i < pieces; i++) {
      text.append(TEXTS.get(random.nextInt(TEXTS.size())));
    }
    var bytes = text.toString().getBytes(StandardCharsets.UTF_8).length;
    var request = Fixtures.request("r", "two", AnswerTo.REPLY);
    request.setLane(random.nextBoolean() ? Lane.BATCH : Lane.INTERACTIVE);
    request.setServiceTier(
        switch (random.nextInt(6)) {
          case 0 -> "flex";
          case 1 -> "priority";
          case 2 -> "default";
          case 3 -> "auto";
          default -> null;
        });
    var facts = request.getFacts();
    facts.setInputTokensBound(bytes + 16L);
    facts.setOutputTokensMax((long) random.nextInt(2_000));
    facts.setChoices(1 + random.nextInt(4));
    facts.setAudio(random.nextInt(5) == 0);
    facts.setImages(random.nextInt(3) == 0);
    return request;
  }

  /** Up to all that was allowed, spread over classes; in a tier that a provider may choose. */
  private static TokenUsage usage(Random random, InferenceRequested request, AssumedTier assumed) {
    var facts = request.getFacts();
    var usage =
        TokenUsage.newBuilder()
            .setSource(UsageSource.PROVIDER)
            .setToolUnits(new HashMap<>())
            .build();
    var input = part(random, facts.getInputTokensBound());
    for (var tokenClass : INPUTS) {
      if ((!tokenClass.equals("input_audio") || facts.getAudio())
          && (!tokenClass.equals("input_image") || facts.getImages())) {
        var share = tokenClass.equals("input_uncached") ? input / 2 : random.nextLong(input + 1);
        usage.put(tokenClass, share);
        input -= share;
      }
    }
    var output = part(random, facts.getChoices() * facts.getOutputTokensMax());
    for (var tokenClass : OUTPUTS) {
      var share = random.nextLong(output + 1);
      usage.put(tokenClass, share);
      output -= share;
    }
    var asked = request.getServiceTier();
    usage.setServiceTier(
        asked == null || asked.equals("auto")
            ? assumed == AssumedTier.ANY
                ? List.of("default", "flex", "priority", "scale").get(random.nextInt(4))
                : "default"
            : random.nextBoolean() ? asked : random.nextBoolean() ? "default" : null);
    return usage;
  }

  /** One time in ten all of it, else about what four bytes a token come to. */
  private static long part(Random random, long bound) {
    return random.nextInt(10) == 0
        ? bound
        : Math.min(bound, bound / 5 + random.nextLong(bound / 5 + 1));
  }

  private static RequestTicket ticket(InferenceRequested request, @Nullable PinnedRule rule) {
    return RequestTicket.newBuilder()
        .setRequestId("r")
        .setOrganization(Fixtures.ACME)
        .setApiKey(Fixtures.KEY)
        .setModel("two")
        .setSurface(request.getSurface())
        .setLane(request.getLane())
        .setAnswerTo(AnswerTo.REPLY)
        .setFacts(request.getFacts())
        .setAcceptedAtMs(0)
        .setDeadlineAtMs(0)
        .setPriceRule(rule)
        .setServiceTier(request.getServiceTier())
        .build();
  }

  private static PinnedTarget target(PinnedPrice price) {
    return PinnedTarget.newBuilder()
        .setPool("p")
        .setUpstreamModel("m")
        .setPrice(price)
        .setOutputTokensMax(1_000)
        .build();
  }
}
