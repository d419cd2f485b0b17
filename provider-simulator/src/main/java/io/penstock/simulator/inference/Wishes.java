package io.penstock.simulator.inference;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a chat asks for beyond text.
 *
 * @param prefix the beginning of the answer, as the caller gives it; empty if it does not
 * @param offered the tools that may be called
 * @param asked those of them that are to be called now
 * @param schema what an answer in JSON must fit
 */
public record Wishes(
    String prefix,
    List<Tool> offered,
    List<Tool> asked,
    Optional<JsonNode> schema,
    Set<Wish> also) {
  /** Nothing but text. */
  public static final Wishes NONE =
      new Wishes("", List.of(), List.of(), Optional.empty(), Set.of());

  /** Copies the collections. */
  public Wishes {
    offered = List.copyOf(offered);
    asked = List.copyOf(asked);
    also = Set.copyOf(also);
  }

  /**
   * A tool.
   *
   * @param parameters JSON schema of its arguments; an empty object if it has none
   */
  public record Tool(String name, JsonNode parameters) {}

  /** Things that are wished for or not. */
  public enum Wish {
    /** Any JSON object. */
    JSON,
    /** Think first, and bill it. */
    REASONING,
    /** Show the thoughts. */
    REASONING_SHOWN,
    /** At most one tool call. */
    ONE_TOOL_CALL
  }
}
