package io.penstock.simulator.behaviour;

import java.util.Arrays;
import java.util.Optional;

/**
 * A peculiarity of a right answer that can be asked for. The descriptions are the documentation, as
 * those of {@link Fault}.
 */
public enum Trait {
  /** Another text. */
  DIFFERENT("different", "the text is another one than all other instances with this seed give"),
  /** Another text from the ninth word on. */
  DEVIATING("deviating", "the text begins as everywhere and becomes another one after eight words"),
  /** Thoughts. */
  REASONING(
      "reasoning",
      "the answer shows its reasoning (reasoning_content, thinking, thought parts), and bills it"),
  /** Many scripts. */
  UNICODE("unicode", "some words of the text are written in other scripts"),
  /** A tool call. */
  TOOLS(
      "tools",
      "a call of the first tool offered, or of as many as `tool-calls-N` says, whatever the prompt says"),
  /** Tool calls with empty arguments. */
  TOOL_ARGUMENTS_EMPTY("tool-arguments-empty", "tool calls without a byte of arguments"),
  /** Finish as if no tool was called. */
  TOOL_STOP("tool-stop", "tool calls end with the reason stop, as some providers do"),
  /** Part of the prompt is read from a cache. */
  CACHED("cached", "half of the input is said to be read from a cache"),
  /** The answer's beginning is ignored. */
  PREFILL_IGNORED("prefill-ignored", "the answer begins anew, though the call gives its beginning");

  private final String wireName;
  private final String description;

  Trait(String wireName, String description) {
    this.wireName = wireName;
    this.description = description;
  }

  /** The name in model names, headers and orders. */
  public String wireName() {
    return wireName;
  }

  /** One sentence for readers of the documentation. */
  public String description() {
    return description;
  }

  /** The trait of a wire name, or empty. */
  public static Optional<Trait> find(String name) {
    return Arrays.stream(values()).filter(trait -> trait.wireName.equals(name)).findFirst();
  }
}
