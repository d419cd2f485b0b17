package io.penstock.simulator.inference;

import io.penstock.simulator.inference.Answer.Choice;
import io.penstock.simulator.inference.Answer.ToolCall;
import io.penstock.simulator.json.JsonBytes;
import java.util.List;

/**
 * The order in which a stream tells an answer, one step at a time: for each choice its thoughts,
 * its text, its tool calls and its end. One owner at a time.
 */
public final class Script {
  /** What is told next. */
  public enum Step {
    /** A choice begins. */
    CHOICE_BEGIN,
    /** Thoughts begin. */
    THOUGHTS_BEGIN,
    /** A token of thought; {@link #say} tells it. */
    THOUGHT,
    /** Thoughts end. */
    THOUGHTS_END,
    /** Text begins. */
    TEXT_BEGIN,
    /** A token of text; {@link #say} tells it. */
    TEXT,
    /** Text ends. */
    TEXT_END,
    /** A tool call begins. */
    CALL_BEGIN,
    /** A piece of a tool call's arguments; {@link #say} tells it. */
    ARGUMENTS,
    /** A tool call ends. */
    CALL_END,
    /** A choice ends. */
    CHOICE_END,
    /** Nothing is told yet. */
    BEFORE
  }

  private final List<Choice> choices;
  private int choice;
  private int call;
  private int said;
  private Words.Speaker speaker = _ -> {};
  private Step step = Step.BEFORE;

  /** Starts before the first step. */
  public Script(Answer answer) {
    this.choices = answer.choices();
    this.choice = -1;
  }

  /** How many steps there will be in all. */
  public int steps() {
    int steps = 0;
    for (var told : choices) {
      steps += 2 + spoken(told.thoughts()) + (tellsText(told) ? told.text().tokens() + 2 : 0);
      for (var toolCall : told.calls()) {
        steps += 2 + toolCall.arguments().tokens();
      }
    }
    return steps;
  }

  /** Whether a step is left. */
  public boolean hasNext() {
    return (step != Step.BEFORE && step != Step.CHOICE_END) || choice + 1 < choices.size();
  }

  /** Goes to the next step. */
  public Step next() {
    step = after(step);
    return step;
  }

  /** Whether the step is a choice's end. */
  public boolean atEnd() {
    return step == Step.CHOICE_END;
  }

  /** Number of the choice that is told. */
  public int choiceNumber() {
    return choice;
  }

  /** The choice that is told. */
  public Choice choice() {
    return choices.get(choice);
  }

  /** Number of the tool call that is told, within its choice. */
  public int callNumber() {
    return call;
  }

  /** The tool call that is told. */
  public ToolCall call() {
    return choice().calls().get(call);
  }

  /** Appends the token of this step as it stands within a JSON string. */
  public void say(JsonBytes out) {
    speaker.next(out);
  }

  private Step after(Step done) {
    return switch (done) {
      case BEFORE -> {
        choice++;
        yield Step.CHOICE_BEGIN;
      }
      case CHOICE_BEGIN ->
          choice().thoughts().tokens() > 0
              ? begin(choice().thoughts(), Step.THOUGHTS_BEGIN)
              : textOrMore();
      case THOUGHTS_BEGIN, THOUGHT -> more(choice().thoughts(), Step.THOUGHT, Step.THOUGHTS_END);
      case THOUGHTS_END -> textOrMore();
      case TEXT_BEGIN, TEXT -> more(choice().text(), Step.TEXT, Step.TEXT_END);
      case TEXT_END -> callOrEnd(0);
      case CALL_BEGIN, ARGUMENTS -> more(call().arguments(), Step.ARGUMENTS, Step.CALL_END);
      case CALL_END -> callOrEnd(call + 1);
      case CHOICE_END -> {
        if (choice + 1 == choices.size()) {
          throw new IllegalStateException("all is told");
        }
        choice++;
        yield Step.CHOICE_BEGIN;
      }
    };
  }

  private Step textOrMore() {
    return tellsText(choice()) ? begin(choice().text(), Step.TEXT_BEGIN) : callOrEnd(0);
  }

  private Step callOrEnd(int number) {
    call = number;
    return number < choice().calls().size()
        ? begin(call().arguments(), Step.CALL_BEGIN)
        : Step.CHOICE_END;
  }

  private Step begin(Words words, Step beginning) {
    said = 0;
    speaker = words.speaker();
    return beginning;
  }

  private Step more(Words words, Step token, Step end) {
    return said++ < words.tokens() ? token : end;
  }

  /** A choice that only calls tools says nothing; one that does neither has an empty text. */
  private static boolean tellsText(Choice told) {
    return told.text().tokens() > 0 || told.calls().isEmpty();
  }

  private static int spoken(Words words) {
    return words.tokens() > 0 ? words.tokens() + 2 : 0;
  }
}
