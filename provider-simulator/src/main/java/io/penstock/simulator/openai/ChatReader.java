package io.penstock.simulator.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.penstock.simulator.dialect.Target;
import io.penstock.simulator.inference.InferenceRequest;
import io.penstock.simulator.inference.InferenceRequest.Chat;
import io.penstock.simulator.inference.InferenceRequest.Delivery;
import io.penstock.simulator.inference.Problem;
import io.penstock.simulator.inference.TextDigest;
import io.penstock.simulator.inference.Tokens;
import io.penstock.simulator.inference.ToolChoice;
import io.penstock.simulator.inference.Wishes;
import io.penstock.simulator.inference.Wishes.Tool;
import io.penstock.simulator.inference.Wishes.Wish;
import io.penstock.simulator.json.JsonTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads the body of a chat completion. A plain one is read in one pass without making a string of
 * its texts; what goes beyond text is read as a tree.
 */
public final class ChatReader extends RequestReader {
  private static final int OUTPUT_TOKENS_MAX = 1_000_000;
  private static final int CHOICES_MAX = 128;

  private final byte[] body;
  private final TextDigest system = new TextDigest();
  private final TextDigest conversation = new TextDigest();
  private TextDigest beforeLast = conversation.copy();
  private String lastRole = "";
  private int messages = -1;
  private int promptTokens = Tokens.PER_PROMPT;
  private OptionalInt outputTokensMax = OptionalInt.empty();
  private int choices = 1;
  private Stream stream = Stream.OFF;
  private boolean includeUsage;
  private List<Tool> tools = List.of();
  private ToolChoice toolChoice = new ToolChoice.Auto();
  private Optional<JsonNode> schema = Optional.empty();
  private final Set<Wish> also = EnumSet.noneOf(Wish.class);

  private enum Stream {
    ON,
    OFF
  }

  private ChatReader(byte[] body, Target target) {
    super(target.model().orElse(""));
    this.body = body;
  }

  /** The request, or the error that says why it is none. */
  public static InferenceRequest parse(byte[] body) {
    return parse(body, Target.NONE);
  }

  /** The request, or the error that says why it is none. */
  public static InferenceRequest parse(byte[] body, Target target) {
    return new ChatReader(body, target).read(body);
  }

  @Override
  void field(String name, JsonParser parser) throws IOException {
    switch (name) {
      case "messages" -> readMessages(parser);
      case "max_tokens", "max_completion_tokens" -> {
        if (!isNull(parser)) {
          int bound = integer(name, parser, 1, OUTPUT_TOKENS_MAX);
          outputTokensMax = OptionalInt.of(Math.min(bound, outputTokensMax.orElse(bound)));
        }
      }
      case "n" -> {
        if (!isNull(parser)) {
          choices = integer(name, parser, 1, CHOICES_MAX);
        }
      }
      case "stream" -> {
        if (!isNull(parser)) {
          stream = flag(name, parser) ? Stream.ON : Stream.OFF;
        }
      }
      case "stream_options" -> readStreamOptions(parser);
      case "tools" -> tools = tools(tree(parser));
      case "tool_choice" -> toolChoice = toolChoice(tree(parser));
      case "parallel_tool_calls" -> {
        if (!isNull(parser) && !flag(name, parser)) {
          also.add(Wish.ONE_TOOL_CALL);
        }
      }
      case "response_format" -> readFormat(tree(parser));
      case "reasoning_effort" -> {
        if (!isNull(parser) && !parser.getText().equals("none")) {
          also.add(Wish.REASONING);
        }
      }
      default -> parser.skipChildren();
    }
  }

  @Override
  InferenceRequest finish(String modelName) throws IOException {
    if (messages < 0) {
      throw new Refusal(Problem.parameterMissing("messages"));
    }
    if (messages == 0) {
      throw new Refusal(Problem.arrayEmpty("messages"));
    }
    var delivery =
        switch (stream) {
          case OFF -> Delivery.WHOLE;
          case ON -> includeUsage ? Delivery.STREAM_WITH_USAGE : Delivery.STREAM;
        };
    var wishes = wishes();
    var content = wishes.prefix().isEmpty() ? conversation : beforeLast;
    return new Chat(
        modelName,
        promptTokens,
        system.hashWith(content),
        outputTokensMax,
        choices,
        delivery,
        wishes);
  }

  private Wishes wishes() throws IOException {
    boolean endsWithAnswer = lastRole.equals("assistant");
    if (tools.isEmpty() && schema.isEmpty() && also.isEmpty() && !endsWithAnswer) {
      return Wishes.NONE;
    }
    if (tools.isEmpty() && !endsWithAnswer) {
      return new Wishes("", List.of(), List.of(), schema, also);
    }
    var last = JsonTree.MAPPER.readTree(body).at("/messages/" + (messages - 1));
    var text = text(last.path("content"));
    var turn = lastRole.equals("tool") ? ToolChoice.Turn.TOOL_ANSWERED : ToolChoice.Turn.ASKED;
    return new Wishes(
        endsWithAnswer && last.path("tool_calls").isEmpty() ? text : "",
        tools,
        toolChoice.among(tools, text, turn),
        schema,
        also);
  }

  /** The text of a message's content, which is a string or parts. */
  static String text(JsonNode content) {
    if (content.isTextual()) {
      return content.asText();
    }
    var text = new StringBuilder();
    content.forEach(part -> text.append(part.path("text").asText("")));
    return text.toString();
  }

  static List<Tool> tools(JsonNode list) {
    var tools = new ArrayList<Tool>();
    for (var entry : list) {
      // The responses surface leaves out the level of the function.
      var function = entry.has("function") ? entry.get("function") : entry;
      if (entry.path("type").asText("function").equals("function")) {
        var parameters = function.path("parameters");
        tools.add(
            new Tool(
                function.path("name").asText(),
                parameters.isObject() ? parameters : JsonNodeFactory.instance.objectNode()));
      }
    }
    return tools;
  }

  static ToolChoice toolChoice(JsonNode choice) {
    if (choice.isObject()) {
      var named = choice.has("function") ? choice.get("function") : choice;
      return named.has("name")
          ? new ToolChoice.Named(named.get("name").asText())
          : choice.path("mode").asText().equals("required")
              ? new ToolChoice.Any()
              : new ToolChoice.Auto();
    }
    return switch (choice.asText()) {
      case "none" -> new ToolChoice.None();
      case "required" -> new ToolChoice.Any();
      default -> new ToolChoice.Auto();
    };
  }

  private void readFormat(JsonNode format) {
    switch (format.path("type").asText()) {
      case "json_object" -> also.add(Wish.JSON);
      case "json_schema" ->
          schema =
              Optional.of(format.path("json_schema").path("schema")).filter(JsonNode::isObject);
      default -> {
        // Text, as ever.
      }
    }
  }

  private void readMessages(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new Refusal(Problem.typeWrong("messages", "an array of objects"));
    }
    messages = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw new Refusal(Problem.typeWrong("messages[" + messages + "]", "an object"));
      }
      long before = system.bytes() + conversation.bytes();
      beforeLast = conversation.copy();
      readTexts(parser);
      messages++;
      long bytes = system.bytes() + conversation.bytes() - before;
      promptTokens += Tokens.PER_MESSAGE + Tokens.ofBytes(bytes);
    }
  }

  /**
   * Counts every string of a message but roles and part types, which a template replaces, and takes
   * the texts among them. Who speaks is said before what is said, or it is taken for the caller.
   */
  private void readTexts(JsonParser parser) throws IOException {
    int depth = 1;
    lastRole = "";
    var digest = conversation;
    while (depth > 0) {
      switch (parser.nextToken()) {
        case START_OBJECT, START_ARRAY -> depth++;
        case END_OBJECT, END_ARRAY -> depth--;
        case VALUE_STRING -> {
          switch (parser.currentName()) {
            case "role" -> {
              if (depth == 1) {
                lastRole = parser.getText();
                digest =
                    lastRole.equals("system") || lastRole.equals("developer")
                        ? system
                        : conversation;
              }
            }
            case "type" -> {
              // Replaced by a template, too.
            }
            case "content", "text" -> digest.add(parser);
            case null, default -> digest.count(parser);
          }
        }
        case null, default -> {
          // Numbers and the like are no text; the parser itself refuses an early end.
        }
      }
    }
  }

  private void readStreamOptions(JsonParser parser) throws IOException {
    if (isNull(parser)) {
      return;
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new Refusal(Problem.typeWrong("stream_options", "an object"));
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      var name = parser.currentName();
      parser.nextToken();
      if (name.equals("include_usage")) {
        includeUsage = flag("stream_options.include_usage", parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private static JsonNode tree(JsonParser parser) throws IOException {
    return JsonTree.MAPPER
        .readerFor(JsonNode.class)
        .without(com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .readValue(parser);
  }

  private static boolean flag(String name, JsonParser parser) {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case null, default -> throw new Refusal(Problem.typeWrong(name, "a boolean"));
    };
  }
}
