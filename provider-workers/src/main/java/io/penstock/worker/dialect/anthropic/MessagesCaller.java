package io.penstock.worker.dialect.anthropic;

import io.penstock.worker.dialect.CallerDialect;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Prompt;

/** Callers that speak Anthropic's Messages. */
public final class MessagesCaller implements CallerDialect {

  @Override
  public Prompt prompt(byte[] body) {
    return PromptReader.read(body);
  }

  @Override
  public byte[] answer(Answer answer) {
    return AnswerWriter.write(answer);
  }

  @Override
  public StreamWriter stream(StreamStart from) {
    return new EventWriter(from);
  }
}
