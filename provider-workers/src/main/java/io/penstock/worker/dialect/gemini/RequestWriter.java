package io.penstock.worker.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.worker.dialect.ProviderDialect.Unsupported;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.canonical.Prompt.OutputFormat;
import io.penstock.worker.dialect.canonical.Prompt.ToolChoice;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes one request. Used by one thread. */
final class RequestWriter {

  /** Hints that change nothing of the answer. */
  private static final Set<String> HINTS =
      Set.of(
          "metadata",
          "prompt_cache_key",
          "prompt_cache_retention",
          "safety_identifier",
          "stream_options");

  private final CallAssigned call;
  private final Prompt prompt;
  private final Unsupported unsupported;
  private final GeminiModel model;
  private final ObjectNode body = Trees.object();
  private final ObjectNode config = Trees.object();

  private RequestWriter(CallAssigned call, Prompt prompt, Unsupported unsupported) {
    this.call = call;
    this.prompt = prompt;
    this.unsupported = unsupported;
    this.model = GeminiModel.of(call.getUpstreamModel());
  }

  static byte[] write(CallAssigned call, Prompt prompt, Unsupported unsupported) {
    return Trees.bytes(new RequestWriter(call, prompt, unsupported).body());
  }

  private ObjectNode body() {
    var turns = Turns.of(prompt.messages(), model);
    if (turns.contents().isEmpty()) {
      // there must be something to answer
      var only = turns.contents().addObject().put("role", "user");
      only.set("parts", turns.system());
    } else if (!turns.system().isEmpty()) {
      body.putObject("systemInstruction").set("parts", turns.system());
    }
    body.set("contents", turns.contents());
    tools();
    limits();
    sampling();
    format();
    var thinking = Thinking.config(call, prompt, model, unsupported);
    if (thinking != null) {
      config.set("thinkingConfig", thinking);
    }
    serviceTier();
    extras();
    if (!config.isEmpty()) {
      body.set("generationConfig", config);
    }
    return body;
  }

  private void tools() {
    if (prompt.tools().isEmpty()) {
      return;
    }
    var functions = body.putArray("tools").addObject().putArray("functionDeclarations");
    for (var tool : prompt.tools()) {
      var function = functions.addObject().put("name", tool.name());
      if (tool.description() != null) {
        function.put("description", tool.description());
      }
      var parameters = parameters(tool.parameters());
      if (parameters != null) {
        function.set("parametersJsonSchema", parameters);
      }
    }
    // who forces one function asks for one answer in its shape; a second call is not to be feared
    if (Boolean.FALSE.equals(prompt.parallelTools())
        && !(prompt.toolChoice() instanceof ToolChoice.Named)) {
      unsupported.parameter("parallel_tool_calls");
    }
    var calling = Trees.object();
    switch (prompt.toolChoice()) {
      case ToolChoice.Auto _ -> calling.put("mode", auto());
      case ToolChoice.None _ -> calling.put("mode", "NONE");
      case ToolChoice.Required _ -> calling.put("mode", "ANY");
      case ToolChoice.Named(var name) ->
          calling.put("mode", "ANY").putArray("allowedFunctionNames").add(name);
      case null -> {
        if (auto().equals("AUTO")) {
          return;
        }
        calling.put("mode", auto());
      }
    }
    body.putObject("toolConfig").set("functionCallingConfig", calling);
  }

  /** Arguments that must follow their schema are a mode of its own, which came late. */
  private String auto() {
    var strict = prompt.tools().stream().anyMatch(tool -> Boolean.TRUE.equals(tool.strict()));
    return strict && model.thinks() ? "VALIDATED" : "AUTO";
  }

  /** Some models refuse an object without properties, others a schema without a type. */
  private static @Nullable JsonNode parameters(@Nullable JsonNode schema) {
    if (!(schema instanceof ObjectNode given) || given.isEmpty()) {
      return null;
    }
    var parameters = Trees.object();
    if (!given.has("type")) {
      parameters.put("type", "object");
    }
    parameters.setAll(given);
    if (parameters.path("properties").isObject() && parameters.path("properties").isEmpty()) {
      parameters.remove("properties");
    }
    return parameters;
  }

  private void limits() {
    var most =
        prompt.outputTokensMax() == null ? call.getOutputTokensLimit() : prompt.outputTokensMax();
    if (most != null) {
      config.put("maxOutputTokens", most);
    }
    if (prompt.choices() > 1) {
      config.put("candidateCount", prompt.choices());
    }
    if (!prompt.stop().isEmpty()) {
      prompt.stop().forEach(config.putArray("stopSequences")::add);
    }
  }

  private void sampling() {
    var sampling = prompt.sampling();
    if (sampling.temperature() != null) {
      config.put("temperature", sampling.temperature());
    }
    if (sampling.topP() != null) {
      config.put("topP", sampling.topP());
    }
    if (sampling.topK() != null) {
      config.put("topK", sampling.topK());
    }
    if (sampling.presencePenalty() != null) {
      config.put("presencePenalty", sampling.presencePenalty());
    }
    if (sampling.frequencyPenalty() != null) {
      config.put("frequencyPenalty", sampling.frequencyPenalty());
    }
    var seed = sampling.seed();
    if (seed != null) {
      // Gemini's is of 32 bits
      if (seed == seed.intValue()) {
        config.put("seed", seed);
      } else {
        unsupported.parameter("seed");
      }
    }
  }

  private void format() {
    if (prompt.format() instanceof OutputFormat.Text) {
      return;
    }
    // Google: "Function calling with a response mime type: 'application/json' is unsupported"
    if (!prompt.tools().isEmpty() && !model.third()) {
      unsupported.parameter("response_format");
      return;
    }
    config.put("responseMimeType", "application/json");
    if (prompt.format() instanceof OutputFormat.JsonSchema promised) {
      config.set("responseJsonSchema", promised.schema());
    }
  }

  private void serviceTier() {
    switch (prompt.serviceTier()) {
      case "default", "standard", "standard_only" -> body.put("serviceTier", "standard");
      case "flex", "priority" -> body.put("serviceTier", prompt.serviceTier());
      case "auto" -> {}
      case null -> {}
      default -> unsupported.parameter("service_tier");
    }
  }

  private void extras() {
    // in order, so that the same prompt always makes the same bytes
    new TreeMap<>(prompt.extras())
        .forEach(
            (name, value) -> {
              if (HINTS.contains(name) || saysNothing(value)) {
                return;
              }
              if (prompt.stream() || !logprobs(name, value)) {
                unsupported.parameter(name);
              }
            });
  }

  private boolean logprobs(String name, JsonNode value) {
    if (name.equals("logprobs") && value.isBoolean()) {
      config.put("responseLogprobs", true);
      return true;
    }
    if (name.equals("top_logprobs") && value.canConvertToInt()) {
      config.put("logprobs", value.intValue());
      return true;
    }
    return false;
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
