package io.penstock.router.select;

import io.penstock.schemas.avro.RequestFacts;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether a target may serve a request at all, however it is doing. */
final class Fitness {

  private final Question question;
  private final @Nullable BigDecimal inputPriceMax;
  private final @Nullable BigDecimal outputPriceMax;

  /**
   * @throws NumberFormatException when a price limit of the caller is no decimal: one that cannot
   *     be kept must not be ignored
   */
  Fitness(Question question) {
    this.question = question;
    this.inputPriceMax = decimal(question.preferences().getMaxPriceInput());
    this.outputPriceMax = decimal(question.preferences().getMaxPriceOutput());
  }

  private static @Nullable BigDecimal decimal(@Nullable String price) {
    return price == null ? null : new BigDecimal(price);
  }

  /** Why a target may not serve the request; absent when it may. */
  @Nullable String objection(PricedTarget target) {
    var preferences = question.preferences();
    if (!preferences.getOnly().isEmpty() && !named(target, preferences.getOnly())) {
      return "not among the pools that the caller allows";
    }
    if (named(target, preferences.getIgnore())) {
      return "the caller does not want it";
    }
    var residency = target.traits().residency();
    if (!resides(question.residency(), residency)) {
      return "not in " + question.residency() + ", as the organisation demands";
    }
    if (!resides(preferences.getResidency(), residency)) {
      return "not in " + preferences.getResidency();
    }
    var missing = missing(question.request().getFacts(), target.traits().capabilities());
    if (missing != null) {
      return "cannot do " + missing;
    }
    if (inputPriceMax != null && inputPrice(target).compareTo(inputPriceMax) > 0) {
      // what providers bill is the operator's affair: callers hear of what they are charged
      return "its input price is above %s USD per million".formatted(inputPriceMax.toPlainString());
    }
    if (outputPriceMax != null && outputPrice(target).compareTo(outputPriceMax) > 0) {
      return "its output price is above %s USD per million"
          .formatted(outputPriceMax.toPlainString());
    }
    return null;
  }

  private BigDecimal inputPrice(PricedTarget target) {
    return target.inputPrice(question.request(), question.customer());
  }

  private BigDecimal outputPrice(PricedTarget target) {
    return target.outputPrice(question.request(), question.customer());
  }

  /**
   * Whether the request surely fits the context window. The prompt is counted in bytes, several for
   * each token, so one that does not surely fit may fit all the same.
   */
  boolean surelyFits(PricedTarget target) {
    var window = target.traits().contextWindow();
    if (window == null) {
      return true;
    }
    var request = question.request();
    var input = Math.max(0, request.getFacts().getInputTokensBound());
    var output = target.outputLimit(request);
    return input <= window && output <= window - input;
  }

  private static boolean named(PricedTarget target, List<String> names) {
    return names.stream().anyMatch(target::called);
  }

  private static boolean resides(@Nullable String demanded, Set<String> tags) {
    return demanded == null || tags.contains(demanded);
  }

  private static @Nullable String missing(RequestFacts facts, Set<String> capabilities) {
    if (capabilities.isEmpty()) {
      return null;
    }
    if (facts.getTools() && !capabilities.contains("tools")) {
      return "tools";
    }
    if (facts.getImages() && !capabilities.contains("vision")) {
      return "vision";
    }
    if (facts.getAudio() && !capabilities.contains("audio")) {
      return "audio";
    }
    if (facts.getJsonSchema() && !capabilities.contains("json_schema")) {
      return "json_schema";
    }
    return facts.getPrefill() && !capabilities.contains("prefill") ? "prefill" : null;
  }
}
