package io.penstock.worker.dialect.openai;

import io.penstock.worker.dialect.CallerDialect;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Prompt;

/** Callers that speak OpenAI's chat completions. */
public final class ChatCaller implements CallerDialect {

  @Override
  public Prompt prompt(byte[] body) {
    return ChatPrompt.read(body);
  }

  @Override
  public byte[] answer(Answer answer) {
    return ChatAnswer.write(answer);
  }

  @Override
  public StreamWriter stream(StreamStart from) {
    return new ChunkWriter(from);
  }
}
