package io.penstock.worker.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** How likely each token was, from Gemini's shape to OpenAI's. */
final class Logprobs {

  private Logprobs() {}

  /** In OpenAI's shape; null when there are none. */
  static @Nullable JsonNode openAi(JsonNode result) {
    if (!result.path("chosenCandidates").isArray()) {
      return null;
    }
    var logprobs = Trees.object();
    var content = logprobs.putArray("content");
    for (var i = 0; i < result.path("chosenCandidates").size(); i++) {
      var token = token(result.path("chosenCandidates").path(i));
      content.add(token);
      ArrayNode top = token.putArray("top_logprobs");
      for (var candidate : result.path("topCandidates").path(i).path("candidates")) {
        top.add(token(candidate));
      }
    }
    logprobs.putNull("refusal");
    return logprobs;
  }

  private static ObjectNode token(JsonNode candidate) {
    var text = candidate.path("token").asText();
    var token = Trees.object().put("token", text);
    token.set("logprob", candidate.path("logProbability"));
    var bytes = token.putArray("bytes");
    for (var b : text.getBytes(StandardCharsets.UTF_8)) {
      bytes.add(b & 0xFF);
    }
    return token;
  }
}
