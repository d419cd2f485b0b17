package io.penstock.simulator.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.simulator.json.JsonBytes;
import io.penstock.simulator.limit.RateLimits;
import io.penstock.simulator.limit.RateLimits.Counted;
import io.penstock.simulator.limit.RateLimits.LimitHeaders;
import java.io.IOException;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Reads {@code {"rpm":600,"tpm":null,"headers":"hidden","counted":"by-model","key":1}}: null lifts
 * a limit, what is absent stays as it is; without a key the change is for all.
 */
final class LimitsReader {
  private LimitsReader() {}

  /** What is asked for. */
  record Change(OptionalInt key, RateLimits limits) {}

  /**
   * The limits with the changes that the body asks for.
   *
   * @throws IllegalArgumentException if the body asks for anything else; the message says why
   */
  static Change change(RateLimits limits, byte[] body) {
    try (var parser = JsonBytes.FACTORY.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("expected an object such as {\"rpm\":600,\"tpm\":null}");
      }
      var next = limits;
      var key = OptionalInt.empty();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        var name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "rpm" -> next = next.withRates(rate(name, parser), next.tokensPerMinute());
          case "tpm" -> next = next.withRates(next.requestsPerMinute(), rate(name, parser));
          case "headers" -> next = next.withHeaders(headers(parser.getText()));
          case "counted" -> next = next.withCounted(counted(parser.getText()));
          case "key" -> key = OptionalInt.of(parser.getIntValue());
          default -> throw new IllegalArgumentException("unknown limit '" + name + "'");
        }
      }
      return new Change(key, next);
    } catch (IOException notJson) {
      throw new IllegalArgumentException("the body is not JSON", notJson);
    }
  }

  private static LimitHeaders headers(String text) {
    return switch (text) {
      case "sent" -> LimitHeaders.SENT;
      case "hidden" -> LimitHeaders.HIDDEN;
      default -> throw new IllegalArgumentException("headers must be sent or hidden");
    };
  }

  private static Counted counted(String text) {
    return switch (text) {
      case "by-key" -> Counted.BY_KEY;
      case "by-model" -> Counted.BY_MODEL;
      default -> throw new IllegalArgumentException("counted must be by-key or by-model");
    };
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
