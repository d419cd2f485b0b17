package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.ProviderDialect.Endpoint;
import io.penstock.worker.dialect.ProviderDialect.Unsupported;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.canonical.Prompt.OutputFormat;
import io.penstock.worker.dialect.canonical.Prompt.Reasoning;
import io.penstock.worker.dialect.canonical.Prompt.ToolChoice;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes requests to providers that speak chat completions. Used once, by one thread. */
final class ChatRequest {

  /** Parameters of other callers' dialects that mean the same here, under the same name. */
  private static final Set<String> SAME_EVERYWHERE =
      Set.of(
          "metadata",
          "store",
          "top_logprobs",
          "prompt_cache_key",
          "prompt_cache_retention",
          "safety_identifier",
          "verbosity");

  private static final Set<String> SERVICE_TIERS =
      Set.of("auto", "default", "flex", "scale", "priority", "fast", "on_demand", "performance");

  /** Budgets of thought up to which an effort is meant. */
  private static final long LOW_TOKENS_MAX = 2048;

  private static final long MEDIUM_TOKENS_MAX = 8192;

  private final CallAssigned call;
  private final Prompt prompt;
  private final Endpoint endpoint;
  private final Quirks quirks;
  private final Unsupported unsupported;
  private final ObjectNode json = Trees.object();

  private ChatRequest(
      CallAssigned call, Prompt prompt, Endpoint endpoint, Unsupported unsupported) {
    this.call = call;
    this.prompt = prompt;
    this.endpoint = endpoint;
    this.quirks = Quirks.of(endpoint.host());
    this.unsupported = unsupported;
  }

  static byte[] write(
      CallAssigned call, Prompt prompt, Endpoint endpoint, Unsupported unsupported) {
    return Trees.bytes(new ChatRequest(call, prompt, endpoint, unsupported).json());
  }

  private ObjectNode json() {
    json.put("model", call.getUpstreamModel());
    json.set("messages", new ChatMessageWriter(endpoint.host()).write(prompt.messages()));
    tools();
    format();
    limits();
    sampling();
    reasoning(prompt.reasoning());
    endUser();
    serviceTier();
    if (prompt.stream()) {
      json.put("stream", true);
      if (!quirks.tellsUsage()) {
        json.putObject("stream_options").put("include_usage", true);
      }
    }
    extras();
    return json;
  }

  private void tools() {
    if (!prompt.tools().isEmpty()) {
      var tools = json.putArray("tools");
      for (var tool : prompt.tools()) {
        tools.add(tool(tool));
      }
    }
    var choice = prompt.toolChoice();
    if (choice != null) {
      json.set("tool_choice", toolChoice(choice));
    }
    if (prompt.parallelTools() != null && !prompt.tools().isEmpty()) {
      json.put("parallel_tool_calls", prompt.parallelTools());
    }
  }

  private static ObjectNode tool(Prompt.Tool tool) {
    var json = Trees.object().put("type", "function");
    var function = json.putObject("function").put("name", tool.name());
    if (tool.description() != null) {
      function.put("description", tool.description());
    }
    if (tool.parameters() != null) {
      function.set("parameters", tool.parameters());
    }
    if (tool.strict() != null) {
      function.put("strict", tool.strict());
    }
    return json;
  }

  private static JsonNode toolChoice(ToolChoice choice) {
    return switch (choice) {
      case ToolChoice.Auto _ -> Trees.NODES.textNode("auto");
      case ToolChoice.None _ -> Trees.NODES.textNode("none");
      case ToolChoice.Required _ -> Trees.NODES.textNode("required");
      case ToolChoice.Named(var name) -> {
        var json = Trees.object().put("type", "function");
        json.putObject("function").put("name", name);
        yield json;
      }
    };
  }

  private void format() {
    switch (prompt.format()) {
      case OutputFormat.Text _ -> {}
      case OutputFormat.JsonObject _ ->
          json.putObject("response_format").put("type", "json_object");
      case OutputFormat.JsonSchema(var name, var schema, var strict) -> {
        var described =
            json.putObject("response_format")
                .put("type", "json_schema")
                .putObject("json_schema")
                .put("name", name);
        described.set("schema", schema);
        if (strict != null) {
          described.put("strict", strict);
        }
      }
    }
  }

  private void limits() {
    var limit =
        prompt.outputTokensMax() == null ? call.getOutputTokensLimit() : prompt.outputTokensMax();
    if (limit != null) {
      json.put(quirks.limitField(), limit);
    }
    if (!prompt.stop().isEmpty()) {
      var stop = json.putArray("stop");
      prompt.stop().forEach(stop::add);
    }
    if (prompt.choices() > 1) {
      json.put("n", prompt.choices());
    }
  }

  private void sampling() {
    var sampling = prompt.sampling();
    if (sampling.temperature() != null) {
      json.put("temperature", sampling.temperature());
    }
    if (sampling.topP() != null) {
      json.put("top_p", sampling.topP());
    }
    if (sampling.topK() != null) {
      if (quirks.topK()) {
        json.put("top_k", sampling.topK());
      } else {
        unsupported.parameter("top_k");
      }
    }
    if (sampling.presencePenalty() != null) {
      json.put("presence_penalty", sampling.presencePenalty());
    }
    if (sampling.frequencyPenalty() != null) {
      json.put("frequency_penalty", sampling.frequencyPenalty());
    }
    if (sampling.seed() != null) {
      json.put(quirks.seedField(), sampling.seed());
    }
  }

  private void reasoning(@Nullable Reasoning reasoning) {
    if (reasoning == null) {
      return;
    }
    var budget = reasoning.budgetTokens();
    if (Quirks.isOpenRouter(endpoint.host())) {
      var object = json.putObject("reasoning");
      if (reasoning.effort() != null) {
        object.put("effort", reasoning.effort());
      } else if (budget != null) {
        object.put("max_tokens", budget);
      }
      if (reasoning.shown() != null) {
        object.put("exclude", !reasoning.shown());
      }
      return;
    }
    if (reasoning.effort() != null) {
      json.put("reasoning_effort", reasoning.effort());
    } else if (budget != null) {
      // servers of this language know no budgets
      json.put("reasoning_effort", effort(budget));
    }
  }

  private static String effort(long budget) {
    if (budget <= LOW_TOKENS_MAX) {
      return "low";
    }
    return budget <= MEDIUM_TOKENS_MAX ? "medium" : "high";
  }

  private void endUser() {
    if (prompt.endUser() == null) {
      return;
    }
    if (quirks.endUser()) {
      json.put("user", prompt.endUser());
    } else {
      unsupported.parameter(
          call.getSurface() == Surface.ANTHROPIC_MESSAGES ? "metadata.user_id" : "user");
    }
  }

  private void serviceTier() {
    var tier = prompt.serviceTier();
    if (tier == null) {
      return;
    }
    if (SERVICE_TIERS.contains(tier)) {
      json.put("service_tier", tier);
    } else {
      unsupported.parameter("service_tier");
    }
  }

  /** What a caller of the same language says is said as it is. */
  private void extras() {
    for (var extra : prompt.extras().entrySet()) {
      if (call.getSurface() == Surface.OPENAI_CHAT || SAME_EVERYWHERE.contains(extra.getKey())) {
        json.set(extra.getKey(), extra.getValue());
      } else {
        unsupported.parameter(extra.getKey());
      }
    }
  }
}
