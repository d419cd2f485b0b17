package io.penstock.worker.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;

/** A content block of a stream that has begun and has not ended. Used by one thread. */
sealed interface OpenBlock {

  /** Reasoning, which must be given back as it came. */
  final class Thinking implements OpenBlock {
    final StringBuilder text = new StringBuilder();
    final StringBuilder signature = new StringBuilder();

    /** As the provider wants it back; a server that does not sign gets no signature. */
    ObjectNode block() {
      var block = Trees.typed("thinking").put("thinking", text.toString());
      if (!signature.isEmpty()) {
        block.put("signature", signature.toString());
      }
      return block;
    }
  }

  /** A tool call. */
  final class Tool implements OpenBlock {
    final int number;
    private final JsonNode input;

    /** Whether some of its arguments have come. */
    boolean begun;

    Tool(int number, JsonNode input) {
      this.number = number;
      this.input = input;
    }

    /** Arguments of a call that came without any piece: whole at its start, or none at all. */
    String input() {
      return input instanceof ObjectNode object ? object.toString() : "{}";
    }
  }
}
