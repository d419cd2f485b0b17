package io.penstock.worker.dialect.canonical;

import io.penstock.worker.dialect.canonical.StreamEvent.Finished;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole answer as the steps of a stream, for callers who asked for one and providers who gave
 * none.
 */
public final class AnswerSteps {

  private AnswerSteps() {}

  /** All steps, the end mark included. */
  public static List<StreamEvent> of(Answer answer) {
    var steps = new ArrayList<StreamEvent>();
    steps.add(new StreamEvent.Started(answer.id(), answer.model()));
    for (var number = 0; number < answer.choices().size(); number++) {
      var choice = answer.choices().get(number);
      var tools = 0;
      for (var output : choice.outputs()) {
        if (output instanceof Message.Output.Called) {
          add(steps, number, tools++, output);
        } else {
          add(steps, number, 0, output);
        }
      }
      steps.add(
          new Finished(number, choice.finish(), choice.nativeFinish(), choice.stopSequence()));
    }
    steps.add(new StreamEvent.Used(answer.usage()));
    steps.add(new StreamEvent.Ended());
    return List.copyOf(steps);
  }

  private static void add(List<StreamEvent> steps, int choice, int tool, Message.Output output) {
    switch (output) {
      case Message.Output.Said(var text) -> steps.add(new StreamEvent.Text(choice, text));
      case Message.Output.Refused(var text) -> steps.add(new StreamEvent.Refusal(choice, text));
      case Message.Output.Thought(var provider, var text, var state) -> {
        if (text != null) {
          steps.add(new StreamEvent.Thought(choice, text));
        }
        if (state != null) {
          steps.add(new StreamEvent.ThoughtState(choice, provider, state));
        }
      }
      case Message.Output.Called(var id, var name, var arguments, var state) -> {
        steps.add(new StreamEvent.ToolStarted(choice, tool, id, name, state));
        steps.add(new StreamEvent.ToolArguments(choice, tool, arguments));
      }
    }
  }
}
