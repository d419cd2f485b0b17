package io.penstock.worker.dialect.gemini;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.ProviderDialect.Unsupported;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.Prompt;
import org.jspecify.annotations.Nullable;

/**
 * How much a model thinks: the third generation has levels, the one before budgets. Efforts become
 * budgets as on Google's own OpenAI-compatible surface.
 */
final class Thinking {

  private Thinking() {}

  /** The {@code thinkingConfig}; null leaves it to the provider. */
  static @Nullable ObjectNode config(
      CallAssigned call, Prompt prompt, GeminiModel model, Unsupported unsupported) {
    var reasoning = prompt.reasoning();
    // the thinking for an answer that is gone on with has been done
    if (reasoning == null || call.getContinuation() != null) {
      return null;
    }
    var effort = reasoning.effort();
    if (!model.thinks()) {
      if (!"none".equals(effort)) {
        unsupported.parameter(parameter(call.getSurface()));
      }
      return null;
    }
    var config = Trees.object();
    if (reasoning.budgetTokens() != null) {
      config.put("thinkingBudget", reasoning.budgetTokens());
    } else if (effort != null
        && !(model.third() ? level(config, effort, model) : budget(config, effort, model))) {
      unsupported.parameter(parameter(call.getSurface()));
    }
    if (reasoning.shown() != null) {
      config.put("includeThoughts", reasoning.shown());
    }
    return config.isEmpty() ? null : config;
  }

  /** Whether there is a level for it: no model of that generation can be told not to think. */
  private static boolean level(ObjectNode config, String effort, GeminiModel model) {
    var level =
        switch (effort) {
          case "minimal" -> model.pro() ? "LOW" : "MINIMAL";
          case "low" -> "LOW";
          case "medium" -> "MEDIUM";
          case "high", "xhigh", "max" -> "HIGH";
          default -> null;
        };
    if (level == null) {
      return false;
    }
    config.put("thinkingLevel", level);
    return true;
  }

  private static boolean budget(ObjectNode config, String effort, GeminiModel model) {
    var budget =
        switch (effort) {
          case "none" -> model.pro() ? -1 : 0;
          case "minimal", "low" -> 1024;
          case "medium" -> 8192;
          case "high", "xhigh", "max" -> 24_576;
          default -> -1;
        };
    if (budget < 0) {
      return false;
    }
    config.put("thinkingBudget", budget);
    return true;
  }

  /** What callers call it. */
  private static String parameter(Surface surface) {
    return switch (surface) {
      case OPENAI_CHAT -> "reasoning_effort";
      case ANTHROPIC_MESSAGES -> "thinking";
      case OPENAI_RESPONSES, OPENAI_EMBEDDINGS, UNKNOWN -> "reasoning";
    };
  }
}
