package io.penstock.worker.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.worker.dialect.ProviderDialect.Endpoint;
import io.penstock.worker.dialect.ProviderDialect.Unsupported;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.canonical.Prompt.OutputFormat;
import io.penstock.worker.dialect.canonical.Prompt.ToolChoice;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes one request. Used by one thread. */
final class RequestWriter {

  /** Where neither the caller nor the catalogue says; every model can do that much. */
  static final long OUTPUT_TOKENS_DEFAULT = 4096;

  /** Smallest {@code top_p} beside thinking. */
  private static final BigDecimal THINKING_TOP_P_MIN = new BigDecimal("0.95");

  /** Parameters of Messages itself that have no place in a prompt. */
  private static final Set<String> NATIVE =
      Set.of("container", "context_management", "inference_geo", "mcp_servers");

  /** How {@link PromptReader} names further fields of {@code output_config}. */
  static final String CONFIG = "output_config.";

  /** Hints that change nothing of the answer. */
  private static final Set<String> HINTS =
      Set.of(
          "metadata",
          "prompt_cache_key",
          "prompt_cache_retention",
          "safety_identifier",
          "stream_options");

  private static final String JSON_ONLY =
      "Answer with one JSON object and nothing else: no text around it and no code fence.";

  private final CallAssigned call;
  private final Prompt prompt;
  private final Unsupported unsupported;
  private final ClaudeModel model;
  private final ObjectNode body = Trees.object();

  private RequestWriter(CallAssigned call, Prompt prompt, Unsupported unsupported) {
    this.call = call;
    this.prompt = prompt;
    this.unsupported = unsupported;
    this.model = ClaudeModel.of(call.getUpstreamModel());
  }

  static byte[] write(
      CallAssigned call, Prompt prompt, Endpoint endpoint, Unsupported unsupported) {
    return Trees.bytes(new RequestWriter(call, prompt, unsupported).body(endpoint));
  }

  private ObjectNode body(Endpoint endpoint) {
    var turns = Turns.of(prompt.messages(), model, endpoint);
    var outputTokensMax = outputTokensMax();
    body.put("model", call.getUpstreamModel());
    body.put("max_tokens", outputTokensMax);
    var config = format(turns.system());
    if (!turns.system().isEmpty()) {
      body.set("system", turns.system());
    }
    body.set("messages", turns.messages());
    tools();
    var thinking = Thinking.of(call, prompt, turns, model, outputTokensMax, unsupported);
    if (thinking.setting() != null) {
      body.set("thinking", thinking.setting());
    }
    if (thinking.effort() != null) {
      config.put("effort", thinking.effort());
    }
    prompt
        .extras()
        .forEach(
            (name, value) -> {
              if (name.startsWith(CONFIG)) {
                config.set(name.substring(CONFIG.length()), value);
              }
            });
    if (!config.isEmpty()) {
      body.set("output_config", config);
    }
    sampling(thinking.on());
    stop();
    others();
    extras();
    if (prompt.stream()) {
      body.put("stream", true);
    }
    return body;
  }

  private long outputTokensMax() {
    if (prompt.outputTokensMax() != null) {
      return prompt.outputTokensMax();
    }
    var limit = call.getOutputTokensLimit();
    return limit == null ? OUTPUT_TOKENS_DEFAULT : limit;
  }

  /** The {@code output_config}, as far as it is about the answer's shape. */
  private ObjectNode format(ArrayNode system) {
    var config = Trees.object();
    switch (prompt.format()) {
      case OutputFormat.Text _ -> {}
      // a schema for any object is refused: Anthropic wants each to name all its properties
      case OutputFormat.JsonObject _ -> system.add(Trees.typed("text").put("text", JSON_ONLY));
      case OutputFormat.JsonSchema(_, var schema, _) -> {
        if (model.followsSchemas()) {
          var format = Trees.typed("json_schema");
          format.set("schema", Schemas.closed(schema));
          config.set("format", format);
        } else {
          unsupported.parameter("response_format");
        }
      }
    }
    return config;
  }

  private void tools() {
    var tools = Trees.NODES.arrayNode();
    for (var tool : prompt.tools()) {
      var json = Trees.object().put("name", tool.name());
      if (tool.description() != null) {
        json.put("description", tool.description());
      }
      json.set("input_schema", Schemas.ofArguments(tool.parameters()));
      if (tool.strict() != null) {
        json.put("strict", tool.strict());
      }
      tools.add(json);
    }
    if (prompt.extras().get("tools") instanceof ArrayNode served) {
      tools.addAll(served);
    }
    if (tools.isEmpty()) {
      return;
    }
    body.set("tools", tools);
    var oneAtATime = Boolean.FALSE.equals(prompt.parallelTools());
    var choice =
        switch (prompt.toolChoice()) {
          case ToolChoice.Auto _ -> Trees.typed("auto");
          case ToolChoice.None _ -> Trees.typed("none");
          case ToolChoice.Required _ -> Trees.typed("any");
          case ToolChoice.Named(var name) -> Trees.typed("tool").put("name", name);
          case null -> oneAtATime ? Trees.typed("auto") : null;
        };
    if (choice == null) {
      return;
    }
    if (oneAtATime && !(prompt.toolChoice() instanceof ToolChoice.None)) {
      choice.put("disable_parallel_tool_use", true);
    }
    body.set("tool_choice", choice);
  }

  private void sampling(boolean thinks) {
    var sampling = prompt.sampling();
    var temperature = sampling.temperature();
    // 1 is the default of both, so saying it changes nothing but what is refused
    var heated = temperature != null && !isOne(temperature);
    if (temperature != null && heated) {
      if (temperature.compareTo(BigDecimal.ONE) > 0 || thinks || model.samplesItsOwnWay()) {
        unsupported.parameter("temperature");
        heated = false;
      } else {
        body.put("temperature", temperature);
      }
    }
    var topP = sampling.topP();
    if (topP != null && !isOne(topP)) {
      if (model.samplesItsOwnWay()
          || (thinks && topP.compareTo(THINKING_TOP_P_MIN) < 0)
          || (heated && model.samplesOneWayOnly())) {
        unsupported.parameter("top_p");
      } else {
        body.put("top_p", topP);
      }
    }
    if (sampling.topK() != null) {
      if (thinks || model.samplesItsOwnWay()) {
        unsupported.parameter("top_k");
      } else {
        body.put("top_k", sampling.topK());
      }
    }
    unlessZero("presence_penalty", sampling.presencePenalty());
    unlessZero("frequency_penalty", sampling.frequencyPenalty());
    if (sampling.seed() != null) {
      unsupported.parameter("seed");
    }
  }

  private static boolean isOne(BigDecimal number) {
    return number.compareTo(BigDecimal.ONE) == 0;
  }

  private void unlessZero(String parameter, @Nullable BigDecimal penalty) {
    if (penalty != null && penalty.signum() != 0) {
      unsupported.parameter(parameter);
    }
  }

  private void stop() {
    var texts = new ArrayList<String>();
    for (var text : prompt.stop()) {
      // Anthropic refuses white space alone
      if (text.isBlank()) {
        unsupported.parameter("stop");
      } else {
        texts.add(text);
      }
    }
    if (!texts.isEmpty()) {
      var sequences = body.putArray("stop_sequences");
      texts.forEach(sequences::add);
    }
  }

  private void others() {
    if (prompt.choices() > 1) {
      unsupported.parameter("n");
    }
    var user = prompt.endUser();
    if (user == null) {
      user =
          Trees.textOrNull(
              prompt.extras().getOrDefault("safety_identifier", Trees.NODES.nullNode()));
    }
    if (user != null) {
      body.putObject("metadata").put("user_id", user);
    }
    switch (prompt.serviceTier()) {
      case "auto" -> body.put("service_tier", "auto");
      case "default", "standard", "standard_only" -> body.put("service_tier", "standard_only");
      case null -> {}
      default -> unsupported.parameter("service_tier");
    }
  }

  private void extras() {
    // in order, so that the same prompt always makes the same bytes
    new TreeMap<>(prompt.extras())
        .forEach(
            (name, value) -> {
              if (name.startsWith(CONFIG)) {
                return;
              }
              if (NATIVE.contains(name)) {
                body.set(name, value);
              } else if (!HINTS.contains(name) && !name.equals("tools") && !saysNothing(value)) {
                unsupported.parameter(name);
              }
            });
  }

  /**
   * Whether it is the same as leaving it out: no parameter that we do not know is on by default.
   */
  private static boolean saysNothing(JsonNode value) {
    return value.isNull()
        || (value.isBoolean() && !value.booleanValue())
        || (value.isContainerNode() && value.isEmpty());
  }
}
