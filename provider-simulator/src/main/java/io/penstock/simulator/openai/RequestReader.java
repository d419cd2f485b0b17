package io.penstock.simulator.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.simulator.openai.InferenceRequest.Unusable;
import java.io.IOException;

/**
 * Reads one JSON object field by field; what both kinds of request have in common. One reader per
 * body.
 */
abstract class RequestReader {
  private static final int MODEL_LENGTH_MAX = 200;

  /** Says that a field is not what it must be, with the error for the caller. */
  static final class Refusal extends RuntimeException {
    private final transient OpenAiError error;

    Refusal(OpenAiError error) {
      super(error.message(), null, false, false);
      this.error = error;
    }
  }

  private String model = "";

  InferenceRequest read(byte[] body) {
    try (var parser = JsonBytes.FACTORY.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Unusable(model, OpenAiError.notJson());
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        var name = parser.currentName();
        parser.nextToken();
        if (name.equals("model")) {
          readModel(parser);
        } else {
          field(name, parser);
        }
      }
      if (parser.nextToken() != null) {
        return new Unusable(model, OpenAiError.notJson());
      }
      if (model.isEmpty()) {
        return new Unusable(model, OpenAiError.modelMissing());
      }
      return finish(model);
    } catch (Refusal refusal) {
      return new Unusable(model, refusal.error);
    } catch (IOException notJson) {
      // The bytes are in memory, so nothing but their form can be wrong.
      return new Unusable(model, OpenAiError.notJson());
    }
  }

  /** Takes one field; the parser stands on its value and must be left on that value's end. */
  abstract void field(String name, JsonParser parser) throws IOException;

  /** Puts the fields together, when all were read. */
  abstract InferenceRequest finish(String modelName);

  static int integer(String name, JsonParser parser, int minimum, int maximum) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw new Refusal(OpenAiError.typeWrong(name, "an integer"));
    }
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw new Refusal(OpenAiError.typeWrong(name, "an integer of at most 64 bits"));
    }
    long value = parser.getLongValue();
    if (value < minimum) {
      throw new Refusal(OpenAiError.belowMinimum(name, minimum, value));
    }
    if (value > maximum) {
      throw new Refusal(OpenAiError.aboveMaximum(name, maximum, value));
    }
    return (int) value;
  }

  static boolean isNull(JsonParser parser) {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  private void readModel(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw new Refusal(OpenAiError.typeWrong("model", "a string"));
    }
    var text = parser.getText();
    model = text.length() > MODEL_LENGTH_MAX ? text.substring(0, MODEL_LENGTH_MAX) : text;
  }
}
