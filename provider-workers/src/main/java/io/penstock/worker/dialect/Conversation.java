package io.penstock.worker.dialect;

import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallPolicy;
import io.penstock.schemas.avro.Failure;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Prompt.OutputFormat;
import io.penstock.worker.dialect.judge.AnswerJudge;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What both ends of an exchange need to know of the call.
 *
 * @param caller who is answered
 * @param provider who answers
 * @param format what shape of answer was promised; read only when an answer is judged
 */
record Conversation(
    CallAssigned call,
    CallerDialect caller,
    ProviderDialect provider,
    Supplier<OutputFormat> format) {

  private static final CallPolicy DEFAULTS = CallPolicy.newBuilder().build();

  private CallPolicy policy() {
    var policy = call.getPolicy();
    return policy == null ? DEFAULTS : policy;
  }

  /** Whether the route wants more of an answer than that there is one. */
  boolean judges() {
    return policy().getLengthFails() || policy().getRefusalFails() || policy().getSchemaFails();
  }

  /** Whether nothing of a stream is shown before the whole answer is known to be usable. */
  boolean buffers() {
    return policy().getBuffered();
  }

  /** Whether the answer is wanted whole, and not as the stream in which it comes. */
  boolean wantsWhole() {
    return call.getAnswerTo() == AnswerTo.RESULT;
  }

  /** What is wrong with an answer; null when nothing is. */
  @Nullable Failure judge(Answer answer) {
    return AnswerJudge.judge(policy(), format.get(), answer);
  }
}
