package io.penstock.simulator.inference;

import java.util.List;

/**
 * What a chat will be answered, before a byte of it is written.
 *
 * @param cachedTokens how much of the input is said to be read from a cache
 */
public record Answer(InferenceRequest.Chat request, List<Choice> choices, int cachedTokens) {

  /** Copies the list. */
  public Answer {
    choices = List.copyOf(choices);
  }

  /**
   * One of the answers.
   *
   * @param thoughts what is shown of the reasoning
   * @param hiddenThoughts tokens of reasoning that are billed and not shown
   * @param calls tools to be called
   */
  public record Choice(
      Words thoughts, int hiddenThoughts, Words text, List<ToolCall> calls, Finish finish) {

    /** Copies the list. */
    public Choice {
      calls = List.copyOf(calls);
    }

    /** Tokens of reasoning, shown or not. */
    public int reasoningTokens() {
      return thoughts.tokens() + hiddenThoughts;
    }

    /** All tokens. */
    public int tokens() {
      int sum = reasoningTokens() + text.tokens();
      for (var call : calls) {
        sum += call.tokens();
      }
      return sum;
    }
  }

  /**
   * A tool to be called.
   *
   * @param id makes its identifier
   * @param arguments JSON in pieces
   */
  public record ToolCall(long id, String name, Words.Literal arguments) {
    private static final int TOKENS_AROUND = 5;

    /** What the call is billed as. */
    int tokens() {
      return TOKENS_AROUND + arguments.tokens();
    }

    /** An identifier with a prefix. */
    public String id(String prefix) {
      return prefix + Long.toHexString(id | Long.MIN_VALUE);
    }
  }

  /** Why an answer ends. */
  public enum Finish {
    /** It was over. */
    STOP,
    /** The caller's bound was reached. */
    LENGTH,
    /** Tools are to be called. */
    TOOL_CALLS,
    /** A filter stopped it. */
    FILTERED,
    /** The model does not want to; the text says so. */
    REFUSED
  }

  /** The tokens of all choices. */
  public int outputTokens() {
    int sum = 0;
    for (var choice : choices) {
      sum += choice.tokens();
    }
    return sum;
  }

  /** The tokens of reasoning in all choices. */
  public int reasoningTokens() {
    int sum = 0;
    for (var choice : choices) {
      sum += choice.reasoningTokens();
    }
    return sum;
  }

  /** The same without any choice; nothing was said, so nothing is billed. */
  public Answer withoutChoices() {
    return new Answer(request, List.of(), cachedTokens);
  }
}
