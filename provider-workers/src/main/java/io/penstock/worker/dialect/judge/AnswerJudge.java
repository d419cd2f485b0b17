package io.penstock.worker.dialect.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.penstock.schemas.avro.CallPolicy;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.worker.dialect.Json;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Answer.Finish;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.Prompt.OutputFormat;
import org.jspecify.annotations.Nullable;

/**
 * Whether an answer counts as one. What is found wanting is the model's fault, so that another
 * model may do better; the reasons never repeat what the model said.
 */
public final class AnswerJudge {

  /** Code of an answer that says nothing. */
  public static final String EMPTY = "empty";

  /** Code of an answer that was cut by its token limit. */
  public static final String LENGTH = "length";

  /** Code of an answer in which the model refuses. */
  public static final String REFUSAL = "refusal";

  /** Code of an answer that is not the promised JSON. */
  public static final String SCHEMA = "schema";

  private static final ObjectReader STRICT =
      Json.MAPPER
          .reader()
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private AnswerJudge() {}

  /**
   * Judges an answer. Several choices stand or fall together, except that one which says something
   * makes up for empty ones.
   *
   * @param policy which shortcomings are failures
   * @param format what the caller was promised
   * @return what is wrong, with one of the codes of this class; null when nothing is
   */
  public static @Nullable Failure judge(CallPolicy policy, OutputFormat format, Answer answer) {
    for (var choice : answer.choices()) {
      if (policy.getRefusalFails() && refuses(choice)) {
        return failure(REFUSAL, "the model refuses to answer");
      }
      if (policy.getLengthFails() && choice.finish() == Finish.LENGTH) {
        return failure(LENGTH, "the answer was cut by its token limit");
      }
    }
    if (answer.choices().stream().allMatch(AnswerJudge::empty)) {
      return failure(EMPTY, "the model says it is done but said nothing");
    }
    if (policy.getSchemaFails()) {
      for (var choice : answer.choices()) {
        var wrong = broken(format, choice);
        if (wrong != null) {
          return failure(SCHEMA, wrong);
        }
      }
    }
    return null;
  }

  private static Failure failure(String code, String message) {
    return new Failure(FailureKind.UNUSABLE, 200, code, message, null, null);
  }

  private static boolean refuses(Answer.Choice choice) {
    return choice.finish() == Finish.CONTENT_FILTER
        || choice.outputs().stream().anyMatch(Output.Refused.class::isInstance);
  }

  /**
   * A model that met a stop text at once, ran into its limit while thinking, or was filtered, has
   * said nothing, and rightly so.
   */
  private static boolean empty(Answer.Choice choice) {
    return (choice.finish() == Finish.STOP || choice.finish() == Finish.TOOL_CALLS)
        && choice.stopSequence() == null
        && choice.outputs().stream().noneMatch(AnswerJudge::something);
  }

  private static boolean something(Output output) {
    return switch (output) {
      case Output.Said said -> !said.text().isBlank();
      case Output.Refused _, Output.Called _ -> true;
      case Output.Thought _ -> false;
    };
  }

  private static @Nullable String broken(OutputFormat format, Answer.Choice choice) {
    var called = choice.outputs().stream().anyMatch(Output.Called.class::isInstance);
    if (format instanceof OutputFormat.Text || called || refuses(choice)) {
      return null;
    }
    JsonNode value;
    try {
      value = STRICT.readTree(said(choice));
    } catch (JsonProcessingException _) {
      return "the answer is not the promised JSON";
    }
    return switch (format) {
      case OutputFormat.Text _ -> null;
      case OutputFormat.JsonObject _ ->
          value.isObject() ? null : "the answer is not the promised JSON object";
      case OutputFormat.JsonSchema promised -> {
        var keyword = JsonSchemaCheck.violated(promised.schema(), value);
        yield keyword == null ? null : "the answer breaks the promised JSON schema at " + keyword;
      }
    };
  }

  private static String said(Answer.Choice choice) {
    var text = new StringBuilder();
    for (var output : choice.outputs()) {
      if (output instanceof Output.Said said) {
        text.append(said.text());
      }
    }
    return text.toString();
  }
}
