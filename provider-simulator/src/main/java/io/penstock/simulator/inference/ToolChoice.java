package io.penstock.simulator.inference;

import io.penstock.simulator.inference.Wishes.Tool;
import java.util.List;
import java.util.Locale;

/**
 * Which tools a chat calls. Without being forced the model calls a tool when the caller's last text
 * says a word of its name ({@code get_weather}: weather) or says {@code tool}, and never right
 * after a tool's result.
 */
public sealed interface ToolChoice {
  /** As the prompt says. */
  record Auto() implements ToolChoice {}

  /** None. */
  record None() implements ToolChoice {}

  /** At least one. */
  record Any() implements ToolChoice {}

  /** This one. */
  record Named(String name) implements ToolChoice {}

  /** Whose turn it is. */
  enum Turn {
    /** The caller has asked. */
    ASKED,
    /** A tool has answered. */
    TOOL_ANSWERED
  }

  /** The tools to be called. */
  default List<Tool> among(List<Tool> offered, String lastText, Turn turn) {
    return switch (this) {
      case None() -> List.of();
      case Named(var name) -> offered.stream().filter(tool -> tool.name().equals(name)).toList();
      case Any() -> {
        var mentioned = mentioned(offered, lastText);
        yield mentioned.isEmpty() ? offered.stream().limit(1).toList() : mentioned;
      }
      case Auto() -> turn == Turn.TOOL_ANSWERED ? List.of() : mentioned(offered, lastText);
    };
  }

  private static List<Tool> mentioned(List<Tool> offered, String lastText) {
    var text = lastText.toLowerCase(Locale.ROOT);
    var named = offered.stream().filter(tool -> mentions(text, tool.name())).toList();
    return named.isEmpty() && text.contains("tool") ? offered.stream().limit(1).toList() : named;
  }

  private static boolean mentions(String text, String name) {
    // Words of a name: parted by what is no letter, or by a capital within.
    for (var word : name.split("[^\\p{Alpha}]+|(?<=\\p{Lower})(?=\\p{Upper})", -1)) {
      if (word.length() > 3 && text.contains(word.toLowerCase(Locale.ROOT))) {
        return true;
      }
    }
    return false;
  }
}
