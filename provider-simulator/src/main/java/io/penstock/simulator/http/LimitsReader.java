package io.penstock.simulator.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.simulator.limit.RateLimits;
import io.penstock.simulator.openai.JsonBytes;
import java.io.IOException;
import java.util.OptionalLong;

/** Reads {@code {"rpm":600,"tpm":null}}: null lifts a limit, what is absent stays as it is. */
final class LimitsReader {
  private LimitsReader() {}

  /**
   * The limits with the changes that the body asks for.
   *
   * @throws IllegalArgumentException if the body asks for anything else; the message says why
   */
  static RateLimits change(RateLimits limits, byte[] body) {
    try (var parser = JsonBytes.FACTORY.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("expected an object such as {\"rpm\":600,\"tpm\":null}");
      }
      var next = limits;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        var name = parser.currentName();
        parser.nextToken();
        next =
            switch (name) {
              case "rpm" -> next.withRates(rate(name, parser), next.tokensPerMinute());
              case "tpm" -> next.withRates(next.requestsPerMinute(), rate(name, parser));
              default -> throw new IllegalArgumentException("unknown limit '" + name + "'");
            };
      }
      return next;
    } catch (IOException notJson) {
      throw new IllegalArgumentException("the body is not JSON", notJson);
    }
  }

  private static OptionalLong rate(String name, JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_NULL -> OptionalLong.empty();
      case VALUE_NUMBER_INT -> OptionalLong.of(parser.getLongValue());
      case null, default ->
          throw new IllegalArgumentException(name + " must be an integer or null");
    };
  }
}
