package io.penstock.worker.dialect;

import io.penstock.worker.dialect.canonical.Message;
import io.penstock.worker.dialect.canonical.Prompt;
import java.util.List;
import java.util.Map;

/** Prompts for tests. */
public final class Prompts {

  private Prompts() {}

  /** A prompt of messages alone. */
  public static Prompt prompt(Message... messages) {
    return new Prompt(
        List.of(messages),
        List.of(),
        null,
        null,
        new Prompt.OutputFormat.Text(),
        null,
        Prompt.Sampling.DEFAULT,
        List.of(),
        1,
        null,
        null,
        null,
        false,
        Map.of());
  }

  /** What a user says. */
  public static Message.User user(String text) {
    return new Message.User(List.of(new Message.Part.Text(text, null)));
  }

  /** What a tool answers. */
  public static Message.ToolResult result(String id, String text) {
    return new Message.ToolResult(
        id, null, List.of(new Message.Part.Text(text, null)), /* error= */ false);
  }

  /** What the model said before. */
  public static Message.Assistant assistant(Message.Output... outputs) {
    return new Message.Assistant(List.of(outputs));
  }

  /** A call of a tool. */
  public static Message.Output.Called called(String id, String name, String arguments) {
    return new Message.Output.Called(id, name, arguments, null);
  }
}
