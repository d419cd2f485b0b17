package io.penstock.worker.dialect.canonical;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request to a chat model.
 *
 * @param messages in order; instructions to the model are messages too
 * @param tools what the model may call
 * @param toolChoice whether it must; absent leaves it to the provider
 * @param parallelTools whether it may call several at once; absent leaves it to the provider
 * @param format what shape the answer must have
 * @param outputTokensMax absent leaves it to the provider
 * @param sampling how tokens are drawn
 * @param stop texts at which the model stops
 * @param choices number of answers, at least 1
 * @param reasoning how much thought; absent leaves it to the provider
 * @param endUser the caller's end user; absent when not named
 * @param serviceTier the caller's word for it; absent when not named
 * @param stream whether the caller wants a stream
 * @param extras parameters of the caller's dialect that have no place here, by the caller's names:
 *     a provider's dialect either knows one by that name or reports it as unsupported
 */
public record Prompt(
    List<Message> messages,
    List<Tool> tools,
    @Nullable ToolChoice toolChoice,
    @Nullable Boolean parallelTools,
    OutputFormat format,
    @Nullable Long outputTokensMax,
    Sampling sampling,
    List<String> stop,
    int choices,
    @Nullable Reasoning reasoning,
    @Nullable String endUser,
    @Nullable String serviceTier,
    boolean stream,
    Map<String, JsonNode> extras) {

  public Prompt {
    messages = List.copyOf(messages);
    tools = List.copyOf(tools);
    stop = List.copyOf(stop);
    extras = Map.copyOf(extras);
  }

  /** The same request with another conversation. */
  public Prompt withMessages(List<Message> others) {
    return new Prompt(
        others,
        tools,
        toolChoice,
        parallelTools,
        format,
        outputTokensMax,
        sampling,
        stop,
        choices,
        reasoning,
        endUser,
        serviceTier,
        stream,
        extras);
  }

  /**
   * How tokens are drawn; what is absent is left to the provider.
   *
   * @param temperature as the caller wrote it
   * @param topP likewise
   * @param topK likewise
   * @param presencePenalty likewise
   * @param frequencyPenalty likewise
   * @param seed likewise
   */
  public record Sampling(
      @Nullable BigDecimal temperature,
      @Nullable BigDecimal topP,
      @Nullable Long topK,
      @Nullable BigDecimal presencePenalty,
      @Nullable BigDecimal frequencyPenalty,
      @Nullable Long seed) {

    /** All left to the provider. */
    public static final Sampling DEFAULT = new Sampling(null, null, null, null, null, null);
  }

  /**
   * A function that the model may call.
   *
   * @param parameters JSON schema of its arguments; absent when it takes none
   * @param strict whether arguments must follow the schema; absent leaves it to the provider
   */
  public record Tool(
      String name,
      @Nullable String description,
      @Nullable JsonNode parameters,
      @Nullable Boolean strict) {}

  /** Whether tools are called. */
  public sealed interface ToolChoice {
    /** As the model likes. */
    record Auto() implements ToolChoice {}

    /** None. */
    record None() implements ToolChoice {}

    /** At least one. */
    record Required() implements ToolChoice {}

    /** This one. */
    record Named(String name) implements ToolChoice {}
  }

  /** What shape the answer must have. */
  public sealed interface OutputFormat {
    /** Any text. */
    record Text() implements OutputFormat {}

    /** A JSON object. */
    record JsonObject() implements OutputFormat {}

    /**
     * JSON that follows a schema.
     *
     * @param name the caller's name for it
     * @param strict whether the provider must enforce it; absent leaves it to the provider
     */
    record JsonSchema(String name, JsonNode schema, @Nullable Boolean strict)
        implements OutputFormat {}
  }

  /**
   * How much thought.
   *
   * @param effort {@code none}, {@code minimal}, {@code low}, {@code medium}, {@code high}, {@code
   *     xhigh}, {@code max}; absent when a budget says it
   * @param budgetTokens tokens at most; absent when an effort says it
   * @param shown whether the caller wants to see (a summary of) it; absent leaves it to the
   *     provider
   */
  public record Reasoning(
      @Nullable String effort, @Nullable Long budgetTokens, @Nullable Boolean shown) {}
}
