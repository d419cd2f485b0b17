package io.penstock.simulator.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.penstock.simulator.ApiKey;
import io.penstock.simulator.calls.CallOrigin;
import io.penstock.simulator.calls.Surface;
import io.penstock.simulator.inference.Problem;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/** The keys that open the door, wherever a dialect sends them. Safe for concurrent use. */
final class KeyRing {
  private static final String BEARER = "Bearer ";

  private final List<byte[]> keys;

  KeyRing(List<ApiKey> keys) {
    this.keys = keys.stream().map(key -> key.value().getBytes(UTF_8)).toList();
  }

  /** The number of the key that was sent, from 1; 0 if it is none of ours. */
  int number(ServerRequest request, Surface surface) {
    if (keys.isEmpty()) {
      return CallOrigin.NO_KEY;
    }
    var sent = sent(request, surface).map(text -> text.getBytes(UTF_8));
    if (sent.isPresent()) {
      for (int index = 0; index < keys.size(); index++) {
        if (MessageDigest.isEqual(keys.get(index), sent.get())) {
          return index + 1;
        }
      }
    }
    return CallOrigin.NO_KEY;
  }

  /** What is wrong with the key; empty if it is right or none is required. */
  Optional<Problem> error(ServerRequest request, Surface surface, int number) {
    if (keys.isEmpty() || number != CallOrigin.NO_KEY) {
      return Optional.empty();
    }
    return Optional.of(
        sent(request, surface).isEmpty() ? Problem.keyMissing() : Problem.keyWrong());
  }

  private static Optional<String> sent(ServerRequest request, Surface surface) {
    return request
        .headers()
        .first(header(surface))
        .or(
            () ->
                request
                    .headers()
                    .first(HeaderNames.AUTHORIZATION)
                    .filter(text -> text.startsWith(BEARER))
                    .map(text -> text.substring(BEARER.length())));
  }

  private static HeaderName header(Surface surface) {
    return switch (surface) {
      case OPENAI_CHAT, OPENAI_RESPONSES, OPENAI_EMBEDDINGS, AZURE_CHAT, AZURE_EMBEDDINGS ->
          Names.API_KEY_AZURE;
      case ANTHROPIC -> Names.API_KEY_ANTHROPIC;
      case GEMINI, GEMINI_EMBEDDINGS -> Names.API_KEY_GOOGLE;
    };
  }
}
