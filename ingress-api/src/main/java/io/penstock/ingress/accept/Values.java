package io.penstock.ingress.accept;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.schemas.ErrorCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the values of fields, and words the refusals that every field may meet. */
final class Values {

  private Values() {}

  /** The text that the parser is at; null when it is something else. */
  static @Nullable String text(JsonParser parser) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : null;
  }

  /** The whole number that the parser is at; null when it is something else. */
  static @Nullable Long wholeNumber(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      return null;
    }
    return switch (parser.getNumberType()) {
      case INT, LONG -> parser.getLongValue();
      // beyond any bound, in its direction
      default -> parser.getText().startsWith("-") ? Long.MIN_VALUE : Long.MAX_VALUE;
    };
  }

  /** Counts the elements of the array that the parser is at the start of, and ends at its end. */
  static long elements(JsonParser parser) throws IOException {
    long count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      parser.skipChildren();
      count++;
    }
    return count;
  }

  /** The texts of the array that the parser is at; null when it is not an array of texts. */
  static @Nullable List<String> texts(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      return null;
    }
    var texts = new ArrayList<String>();
    var onlyTexts = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.VALUE_STRING) {
        texts.add(parser.getText());
      } else {
        onlyTexts = false;
        parser.skipChildren();
      }
    }
    return onlyTexts ? texts : null;
  }

  /** The text of one field of the object that the parser is at; null when it has none. */
  static @Nullable String textField(JsonParser parser, String field) throws IOException {
    String found = null;
    for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      parser.nextToken();
      if (name.equals(field)) {
        found = text(parser);
      }
      parser.skipChildren();
    }
    return found;
  }

  static Rejected missing(String param) {
    return new Rejected(
        ErrorCode.MISSING_REQUIRED_PARAMETER,
        param,
        "Missing required parameter: '" + param + "'.");
  }

  static Rejected empty(String param) {
    return new Rejected(ErrorCode.INVALID_REQUEST, param, "'" + param + "' must not be empty.");
  }

  static Rejected type(String param, String expected) {
    return new Rejected(
        ErrorCode.INVALID_TYPE,
        param,
        "Invalid type for '" + param + "': expected " + expected + ".");
  }

  static Rejected invalid(String param, String message) {
    return new Rejected(ErrorCode.INVALID_REQUEST, param, "'" + param + "' " + message + ".");
  }

  static Rejected unsupported(String param, String message) {
    return new Rejected(ErrorCode.UNSUPPORTED_PARAMETER, param, message);
  }
}
