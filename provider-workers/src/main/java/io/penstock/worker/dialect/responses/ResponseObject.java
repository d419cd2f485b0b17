package io.penstock.worker.dialect.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.TokenClass;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import io.penstock.worker.dialect.canonical.Message.Output;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pieces of the response object. OpenAI's description demands many fields that repeat the request;
 * what the request said is not known here, so they hold what an empty one would.
 */
final class ResponseObject {

  private static final String ID_PREFIX = "resp_";

  private ResponseObject() {}

  /** An answer's id as clients of this surface know it. */
  static String id(String answerId) {
    return answerId.startsWith(ID_PREFIX) ? answerId : ID_PREFIX + answerId;
  }

  /** The id of an item, the same for the same place of the same answer. */
  static String itemId(String prefix, String responseId, int index) {
    return prefix + responseId.substring(ID_PREFIX.length()) + "_" + index;
  }

  /** A response that has just begun. */
  static ObjectNode begun(String id, String model, long createdAt) {
    var response = Trees.object().put("id", id).put("object", "response");
    response.put("created_at", createdAt).put("status", "in_progress").put("background", false);
    response.putNull("error").putNull("incomplete_details").putNull("instructions");
    response.putNull("max_output_tokens").put("model", model);
    response.putArray("output");
    response.put("parallel_tool_calls", true).putNull("previous_response_id");
    response.putObject("reasoning").putNull("effort").putNull("summary");
    response.put("store", false).putNull("temperature");
    response.putObject("text").putObject("format").put("type", "text");
    response.put("tool_choice", "auto").putArray("tools");
    response.putNull("top_p").put("truncation", "disabled").putNull("usage");
    response.putObject("metadata");
    return response;
  }

  /** Makes a response one that has ended. */
  static void end(ObjectNode response, Finish finish, JsonNode output, TokenUsage usage) {
    response.put("status", status(finish));
    var reason = incompleteReason(finish);
    if (reason != null) {
      response.putObject("incomplete_details").put("reason", reason);
    }
    response.set("output", output);
    response.set("usage", usage(usage));
  }

  static String status(Finish finish) {
    return incompleteReason(finish) == null ? "completed" : "incomplete";
  }

  private static @Nullable String incompleteReason(Finish finish) {
    return switch (finish) {
      case STOP, TOOL_CALLS -> null;
      case LENGTH -> "max_output_tokens";
      case CONTENT_FILTER -> "content_filter";
    };
  }

  static ObjectNode textPart(String text) {
    var part = Trees.typed("output_text").put("text", text);
    part.putArray("annotations");
    part.putArray("logprobs");
    return part;
  }

  static ObjectNode refusalPart(String text) {
    return Trees.typed("refusal").put("refusal", text);
  }

  static ObjectNode message(String id, String status, ArrayNode content) {
    var item = Trees.typed("message").put("id", id).put("status", status);
    item.put("role", "assistant").set("content", content);
    return item;
  }

  static ObjectNode functionCall(
      String id, String status, String callId, String name, String arguments) {
    return Trees.typed("function_call")
        .put("id", id)
        .put("status", status)
        .put("call_id", callId)
        .put("name", name)
        .put("arguments", arguments);
  }

  static ObjectNode summaryPart(String text) {
    return Trees.typed("summary_text").put("text", text);
  }

  /**
   * A reasoning item.
   *
   * @param provider dialect that made the thought
   * @param state its opaque state; absent when there is none
   */
  static ObjectNode reasoning(
      String id, String provider, @Nullable String text, @Nullable JsonNode state) {
    var own = item(provider, state);
    if (own != null) {
      return own;
    }
    var item = Trees.typed("reasoning").put("id", id);
    var summary = item.putArray("summary");
    if (text != null) {
      summary.add(summaryPart(text));
    }
    if (state != null) {
      item.put("encrypted_content", new Sealed(provider, state, null).seal());
    }
    return item;
  }

  /** A state that is a whole item, made on this very surface; null when it is not. */
  static @Nullable ObjectNode item(String provider, @Nullable JsonNode state) {
    return state instanceof ObjectNode item
            && provider.equals(InputReader.PROVIDER)
            && item.path("type").asText().equals("reasoning")
        ? item.deepCopy()
        : null;
  }

  /** The item that carries the state of a tool call. */
  static ObjectNode callState(String id, String callId, JsonNode state) {
    var item = Trees.typed("reasoning").put("id", id);
    item.putArray("summary");
    return item.put("encrypted_content", new Sealed("", state, callId).seal());
  }

  /** Items for what a model said, thought and called. */
  static ArrayNode output(String responseId, List<Output> outputs, Finish finish) {
    var items = Trees.NODES.arrayNode();
    ArrayNode open = null;
    for (var output : outputs) {
      switch (output) {
        case Output.Said(var text) -> {
          open = open == null ? message(items, responseId, finish) : open;
          open.add(textPart(text));
        }
        case Output.Refused(var text) -> {
          open = open == null ? message(items, responseId, finish) : open;
          open.add(refusalPart(text));
        }
        case Output.Thought(var provider, var text, var state) -> {
          open = null;
          items.add(reasoning(itemId("rs_", responseId, items.size()), provider, text, state));
        }
        case Output.Called(var id, var name, var arguments, var state) -> {
          open = null;
          if (state != null) {
            items.add(callState(itemId("rs_", responseId, items.size()), id, state));
          }
          items.add(
              functionCall(
                  itemId("fc_", responseId, items.size()), "completed", id, name, arguments));
        }
      }
    }
    return items;
  }

  private static ArrayNode message(ArrayNode items, String responseId, Finish finish) {
    var content = Trees.NODES.arrayNode();
    items.add(message(itemId("msg_", responseId, items.size()), status(finish), content));
    return content;
  }

  static ObjectNode usage(TokenUsage usage) {
    var cacheRead = orZero(usage.getInputCacheRead());
    var cacheWrite = orZero(usage.getInputCacheWrite5m()) + orZero(usage.getInputCacheWrite1h());
    var input = TokenClass.input(usage);
    var reasoning = orZero(usage.getOutputReasoning());
    var output = TokenClass.output(usage);
    var json = Trees.object().put("input_tokens", input);
    json.putObject("input_tokens_details")
        .put("cached_tokens", cacheRead)
        .put("cache_write_tokens", cacheWrite);
    json.put("output_tokens", output);
    json.putObject("output_tokens_details").put("reasoning_tokens", reasoning);
    return json.put("total_tokens", input + output);
  }

  private static long orZero(@Nullable Long count) {
    return count == null ? 0 : count;
  }
}
