package io.penstock.worker.dialect.anthropic;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.ProviderDialect.Unsupported;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.canonical.Prompt.Reasoning;
import io.penstock.worker.dialect.canonical.Prompt.ToolChoice;
import org.jspecify.annotations.Nullable;

/**
 * How much the model thinks, in the way that the model at hand can be told.
 *
 * @param setting the {@code thinking} object; absent leaves it to the provider
 * @param effort of {@code output_config}; absent leaves it to the provider
 */
record Thinking(@Nullable ObjectNode setting, @Nullable String effort) {

  private static final Thinking UNSAID = new Thinking(null, null);

  /** Anthropic's least. */
  private static final long BUDGET_MIN = 1024;

  /** Beyond it Anthropic asks for batches, because connections do not live so long. */
  private static final long BUDGET_MAX = 32_000;

  /** Whether it thinks because it was told to. */
  boolean on() {
    return setting != null && !setting.path("type").asText().equals("disabled");
  }

  /** What a prompt asks for, as far as the model can do it; the rest is reported. */
  static Thinking of(
      CallAssigned call,
      Prompt prompt,
      Turns turns,
      ClaudeModel model,
      long outputTokensMax,
      Unsupported unsupported) {
    var reasoning = prompt.reasoning();
    // the thinking for an answer that is gone on with has been done
    if (reasoning == null || call.getContinuation() != null) {
      return UNSAID;
    }
    if ("none".equals(reasoning.effort())) {
      return model.thinks() ? new Thinking(Trees.typed("disabled"), null) : UNSAID;
    }
    var name = parameter(call.getSurface());
    if (!model.thinks() || forced(prompt) || turns.endsWithAssistant()) {
      unsupported.parameter(name);
      return UNSAID;
    }
    if (reasoning.effort() != null && model.thinksByEffort()) {
      return byEffort(reasoning, reasoning.effort(), model, name, unsupported);
    }
    var budget = budget(reasoning, outputTokensMax);
    if (budget == null || !model.thinksByBudget() || turns.goesOnWithoutThought()) {
      unsupported.parameter(name);
      return UNSAID;
    }
    var setting = Trees.typed("enabled").put("budget_tokens", budget);
    return new Thinking(shown(setting, reasoning), null);
  }

  /** A call that must be made leaves no room for thought: Anthropic refuses both together. */
  private static boolean forced(Prompt prompt) {
    return prompt.toolChoice() instanceof ToolChoice.Required
        || prompt.toolChoice() instanceof ToolChoice.Named;
  }

  private static Thinking byEffort(
      Reasoning reasoning, String effort, ClaudeModel model, String name, Unsupported unsupported) {
    var known =
        switch (effort) {
          case "minimal", "low", "medium", "high", "max" -> true;
          case "xhigh" -> model.knowsExtraHighEffort();
          default -> false;
        };
    if (!known) {
      unsupported.parameter(name);
      return UNSAID;
    }
    return new Thinking(
        shown(Trees.typed("adaptive"), reasoning), effort.equals("minimal") ? "low" : effort);
  }

  /** Null when there is no room for one, or the effort is none that we know. */
  private static @Nullable Long budget(Reasoning reasoning, long outputTokensMax) {
    if (reasoning.budgetTokens() != null) {
      // a budget may not reach the limit, and what is above the limit could not be spent anyway
      var budget = Math.min(reasoning.budgetTokens(), outputTokensMax - 1);
      return budget < BUDGET_MIN ? null : (Long) budget;
    }
    var percent =
        switch (reasoning.effort()) {
          case "minimal" -> 10;
          case "low" -> 20;
          case "medium" -> 50;
          case "high" -> 80;
          case "xhigh", "max" -> 95;
          case null, default -> 0;
        };
    var share = Math.clamp(outputTokensMax / 100 * percent, BUDGET_MIN, BUDGET_MAX);
    return percent == 0 || share >= outputTokensMax ? null : (Long) share;
  }

  private static ObjectNode shown(ObjectNode setting, Reasoning reasoning) {
    if (reasoning.shown() != null) {
      setting.put("display", reasoning.shown() ? "summarized" : "omitted");
    }
    return setting;
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
