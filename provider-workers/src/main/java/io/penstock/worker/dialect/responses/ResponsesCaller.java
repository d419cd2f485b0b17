package io.penstock.worker.dialect.responses;

import io.penstock.worker.dialect.CallerDialect;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Prompt;

/**
 * Callers that speak OpenAI's responses. Nothing is stored: what a request refers to must be in it.
 */
public final class ResponsesCaller implements CallerDialect {

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
