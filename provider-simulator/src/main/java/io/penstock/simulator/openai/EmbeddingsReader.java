package io.penstock.simulator.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.simulator.dialect.Target;
import io.penstock.simulator.inference.InferenceRequest;
import io.penstock.simulator.inference.InferenceRequest.Embeddings;
import io.penstock.simulator.inference.InferenceRequest.Input;
import io.penstock.simulator.inference.InferenceRequest.VectorFormat;
import io.penstock.simulator.inference.Problem;
import io.penstock.simulator.inference.TextDigest;
import io.penstock.simulator.inference.Tokens;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads the body of an embeddings request: a text, texts, token numbers, or lists of those. */
public final class EmbeddingsReader extends RequestReader {
  private static final int DIMENSIONS_DEFAULT = 1_536;
  private static final int DIMENSIONS_MAX = 4_096;
  private static final int INPUTS_MAX = 2_048;
  private static final String INPUT_FORMS = "a string, an array of strings or an array of tokens";

  private final List<Input> inputs = new ArrayList<>();
  private boolean inputSeen;
  private int dimensions = DIMENSIONS_DEFAULT;
  private VectorFormat format = VectorFormat.FLOAT;

  private EmbeddingsReader(Target target) {
    super(target.model().orElse(""));
  }

  /** The request, or the error that says why it is none. */
  public static InferenceRequest parse(byte[] body) {
    return parse(body, Target.NONE);
  }

  /** The request, or the error that says why it is none. */
  public static InferenceRequest parse(byte[] body, Target target) {
    return new EmbeddingsReader(target).read(body);
  }

  @Override
  void field(String name, JsonParser parser) throws IOException {
    switch (name) {
      case "input" -> readInput(parser);
      case "dimensions" -> {
        if (!isNull(parser)) {
          dimensions = integer(name, parser, 1, DIMENSIONS_MAX);
        }
      }
      case "encoding_format" -> {
        if (!isNull(parser)) {
          format = readFormat(parser);
        }
      }
      default -> parser.skipChildren();
    }
  }

  @Override
  InferenceRequest finish(String modelName) {
    if (!inputSeen) {
      throw new Refusal(Problem.parameterMissing("input"));
    }
    if (inputs.isEmpty()) {
      throw new Refusal(Problem.arrayEmpty("input"));
    }
    if (inputs.size() > INPUTS_MAX) {
      throw new Refusal(
          Problem.valueWrong("input", "an array of at most " + INPUTS_MAX + " elements"));
    }
    return new Embeddings(modelName, List.copyOf(inputs), dimensions, format);
  }

  private void readInput(JsonParser parser) throws IOException {
    inputSeen = true;
    inputs.clear();
    switch (parser.currentToken()) {
      case VALUE_STRING -> inputs.add(text(parser));
      case START_ARRAY -> readInputs(parser);
      case null, default -> throw new Refusal(Problem.typeWrong("input", INPUT_FORMS));
    }
  }

  private void readInputs(JsonParser parser) throws IOException {
    var token = parser.nextToken();
    if (token == JsonToken.VALUE_NUMBER_INT) {
      inputs.add(tokenNumbers(parser));
      return;
    }
    while (token != JsonToken.END_ARRAY) {
      switch (token) {
        case VALUE_STRING -> inputs.add(text(parser));
        case START_ARRAY -> {
          parser.nextToken();
          inputs.add(tokenNumbers(parser));
        }
        case null, default -> throw new Refusal(Problem.typeWrong("input", INPUT_FORMS));
      }
      token = parser.nextToken();
    }
  }

  private static Input text(JsonParser parser) throws IOException {
    var digest = new TextDigest();
    digest.add(parser);
    return new Input(digest.hash(), Tokens.ofBytes(digest.bytes()));
  }

  /** The parser stands on the first number and is left on the end of their array. */
  private static Input tokenNumbers(JsonParser parser) throws IOException {
    var digest = new TextDigest();
    int count = 0;
    while (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      digest.add(integer("input", parser, 0, Integer.MAX_VALUE));
      count++;
      parser.nextToken();
    }
    if (parser.currentToken() != JsonToken.END_ARRAY || count == 0) {
      throw new Refusal(Problem.typeWrong("input", INPUT_FORMS));
    }
    return new Input(digest.hash(), count);
  }

  private static VectorFormat readFormat(JsonParser parser) throws IOException {
    return switch (parser.getText()) {
      case "float" -> VectorFormat.FLOAT;
      case "base64" -> VectorFormat.BASE64;
      default -> throw new Refusal(Problem.valueWrong("encoding_format", "'float' or 'base64'"));
    };
  }
}
