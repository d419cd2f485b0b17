package io.penstock.simulator.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.simulator.inference.InferenceRequest;
import io.penstock.simulator.inference.InferenceRequest.Unusable;
import io.penstock.simulator.inference.Problem;
import io.penstock.simulator.json.JsonBytes;
import java.io.IOException;

/**
 * Reads one JSON object field by field; what both kinds of request have in common. One reader per
 * body.
 */
abstract class RequestReader {
  private static final int MODEL_LENGTH_MAX = 200;

  /** Says that a field is not what it must be, with the error for the caller. */
  static final class Refusal extends RuntimeException {
    private final transient Problem error;

    Refusal(Problem error) {
      super(error.message(), null, false, false);
      this.error = error;
    }
  }

  private String model;

  /**
   * @param model what the path says; empty if the body must say it
   */
  RequestReader(String model) {
    this.model = model;
  }

  InferenceRequest read(byte[] body) {
    try (var parser = JsonBytes.FACTORY.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Unusable(model, Problem.notJson());
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
        return new Unusable(model, Problem.notJson());
      }
      if (model.isEmpty()) {
        return new Unusable(model, Problem.modelMissing());
      }
      return finish(model);
    } catch (Refusal refusal) {
      return new Unusable(model, refusal.error);
    } catch (IOException notJson) {
      // The bytes are in memory, so nothing but their form can be wrong.
      return new Unusable(model, Problem.notJson());
    }
  }

  /** Takes one field; the parser stands on its value and must be left on that value's end. */
  abstract void field(String name, JsonParser parser) throws IOException;

  /** Puts the fields together, when all were read. */
  abstract InferenceRequest finish(String modelName) throws IOException;

  static int integer(String name, JsonParser parser, int minimum, int maximum) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw new Refusal(Problem.typeWrong(name, "an integer"));
    }
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw new Refusal(Problem.typeWrong(name, "an integer of at most 64 bits"));
    }
    long value = parser.getLongValue();
    if (value < minimum) {
      throw new Refusal(Problem.belowMinimum(name, minimum, value));
    }
    if (value > maximum) {
      throw new Refusal(Problem.aboveMaximum(name, maximum, value));
    }
    return (int) value;
  }

  static boolean isNull(JsonParser parser) {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  private void readModel(JsonParser parser) throws IOException {
    if (!model.isEmpty()) {
      // Where the path says it, the body is not asked.
      parser.skipChildren();
      return;
    }
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw new Refusal(Problem.typeWrong("model", "a string"));
    }
    var text = parser.getText();
    model = text.length() > MODEL_LENGTH_MAX ? text.substring(0, MODEL_LENGTH_MAX) : text;
  }
}
