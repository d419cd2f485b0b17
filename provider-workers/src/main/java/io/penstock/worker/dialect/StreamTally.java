package io.penstock.worker.dialect;

import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a provider's stream has said so far. Used by one thread. */
final class StreamTally {

  private final Set<Integer> choices = new HashSet<>();
  private final TreeMap<Integer, Answer.Finish> finishes = new TreeMap<>();

  private boolean begun;
  private boolean ended;
  private long outputBytes;
  private String id = "";
  private String model = "";
  private @Nullable Failure broken;
  private @Nullable TokenUsage usage;

  void take(StreamEvent step) {
    switch (step) {
      case StreamEvent.Started(var answerId, var answerModel) -> {
        id = answerId;
        model = answerModel;
      }
      case StreamEvent.Text(var choice, var text) -> produced(choice, text);
      case StreamEvent.Refusal(var choice, var text) -> produced(choice, text);
      case StreamEvent.Thought(var choice, var text) -> produced(choice, text);
      case StreamEvent.ThoughtState(var choice, _, _) -> begin(choice);
      case StreamEvent.ToolStarted(var choice, _, _, var name, _) -> {
        begin(choice);
        produced(choice, name);
      }
      case StreamEvent.ToolArguments(var choice, _, var fragment) -> produced(choice, fragment);
      case StreamEvent.Finished finished -> {
        choices.add(finished.choice());
        finishes.put(finished.choice(), finished.finish());
      }
      case StreamEvent.Used(var counted) -> usage = counted;
      case StreamEvent.Broken(var failure) -> broken = broken == null ? failure : broken;
      case StreamEvent.Ended _ -> ended = true;
    }
  }

  private void produced(int choice, String text) {
    if (!text.isEmpty()) {
      begin(choice);
      outputBytes += text.getBytes(StandardCharsets.UTF_8).length;
    }
  }

  private void begin(int choice) {
    begun = true;
    choices.add(choice);
  }

  /** Whether a step shows something of the answer to its reader. */
  static boolean shows(StreamEvent step) {
    return switch (step) {
      case StreamEvent.Text(_, var text) -> !text.isEmpty();
      case StreamEvent.Refusal(_, var text) -> !text.isEmpty();
      case StreamEvent.Thought(_, var text) -> !text.isEmpty();
      case StreamEvent.ThoughtState _, StreamEvent.ToolStarted _, StreamEvent.ToolArguments _ ->
          true;
      case StreamEvent.Started _,
          StreamEvent.Finished _,
          StreamEvent.Used _,
          StreamEvent.Broken _,
          StreamEvent.Ended _ ->
          false;
    };
  }

  boolean begun() {
    return begun;
  }

  /** The provider's own end mark came. */
  boolean ended() {
    return ended;
  }

  /** Every choice that began has said why it stopped, and there is at least one. */
  boolean finished() {
    return !finishes.isEmpty() && finishes.keySet().containsAll(choices);
  }

  long outputBytes() {
    return outputBytes;
  }

  String id() {
    return id;
  }

  String model() {
    return model;
  }

  @Nullable Failure broken() {
    return broken;
  }

  @Nullable TokenUsage usage() {
    return usage;
  }

  /** Of the first choice, in OpenAI's words; null when none has finished. */
  @Nullable String finishReason() {
    return finishes.isEmpty() ? null : finishes.firstEntry().getValue().openAi();
  }
}
