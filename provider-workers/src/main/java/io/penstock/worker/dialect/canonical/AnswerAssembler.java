package io.penstock.worker.dialect.canonical;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.TokenUsage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Puts a whole answer together from the steps of a stream. Used by one thread. */
public final class AnswerAssembler {

  private String id = "";
  private String model = "";
  private final TreeMap<Integer, Open> choices = new TreeMap<>();

  /** One choice as far as it has come. */
  private static final class Open {
    private final List<Piece> pieces = new ArrayList<>();
    private final TreeMap<Integer, Piece.Call> calls = new TreeMap<>();
    private StreamEvent.@Nullable Finished finished;
  }

  /** One output as far as it has come. */
  private sealed interface Piece {
    record Text(StringBuilder text) implements Piece {}

    record Refusal(StringBuilder text) implements Piece {}

    record Thought(StringBuilder text) implements Piece {}

    record Sealed(String provider, @Nullable String text, JsonNode state) implements Piece {}

    record Call(String id, String name, StringBuilder arguments, @Nullable JsonNode state)
        implements Piece {}
  }

  /** Takes the next step. */
  public void take(StreamEvent event) {
    switch (event) {
      case StreamEvent.Started(var answerId, var answerModel) -> {
        id = answerId;
        model = answerModel;
      }
      case StreamEvent.Text(var choice, var text) -> {
        var open =
            last(choice) instanceof Piece.Text(var begun)
                ? begun
                : add(choice, new Piece.Text(new StringBuilder())).text();
        open.append(text);
      }
      case StreamEvent.Refusal(var choice, var text) -> {
        var open =
            last(choice) instanceof Piece.Refusal(var begun)
                ? begun
                : add(choice, new Piece.Refusal(new StringBuilder())).text();
        open.append(text);
      }
      case StreamEvent.Thought(var choice, var text) -> {
        var open =
            last(choice) instanceof Piece.Thought(var begun)
                ? begun
                : add(choice, new Piece.Thought(new StringBuilder())).text();
        open.append(text);
      }
      case StreamEvent.ThoughtState(var choice, var provider, var state) ->
          thoughtState(choice, provider, state);
      case StreamEvent.ToolStarted(var choice, var tool, var callId, var name, var state) ->
          choice(choice)
              .calls
              .put(tool, add(choice, new Piece.Call(callId, name, new StringBuilder(), state)));
      case StreamEvent.ToolArguments(var choice, var tool, var fragment) -> {
        var call = choice(choice).calls.get(tool);
        if (call != null) {
          call.arguments().append(fragment);
        }
      }
      case StreamEvent.Finished finished -> choice(finished.choice()).finished = finished;
      case StreamEvent.Used _, StreamEvent.Broken _, StreamEvent.Ended _ -> {}
    }
  }

  /** A state closes the thought before it. */
  private void thoughtState(int choice, String provider, JsonNode state) {
    String text = null;
    if (last(choice) instanceof Piece.Thought(var open)) {
      text = open.toString();
      choice(choice).pieces.removeLast();
    }
    add(choice, new Piece.Sealed(provider, text, state));
  }

  private Open choice(int number) {
    return choices.computeIfAbsent(number, _ -> new Open());
  }

  private @Nullable Piece last(int choice) {
    var pieces = choice(choice).pieces;
    return pieces.isEmpty() ? null : pieces.getLast();
  }

  private <P extends Piece> P add(int choice, P piece) {
    choice(choice).pieces.add(piece);
    return piece;
  }

  /**
   * The answer as it stands; a choice that has not finished counts as stopped.
   *
   * @param provider dialect of thoughts that came without state
   */
  public Answer answer(String provider, Instant createdAt, TokenUsage usage) {
    if (choices.isEmpty()) {
      choice(0);
    }
    return new Answer(
        id,
        model,
        createdAt,
        choices.values().stream().map(open -> choice(provider, open)).toList(),
        usage,
        null);
  }

  private static Answer.Choice choice(String provider, Open open) {
    var outputs = open.pieces.stream().map(piece -> output(provider, piece)).toList();
    var finished = open.finished;
    return finished == null
        ? new Answer.Choice(outputs, Answer.Finish.STOP, null, null, null)
        : new Answer.Choice(
            outputs, finished.finish(), finished.nativeFinish(), finished.stopSequence(), null);
  }

  private static Message.Output output(String provider, Piece piece) {
    return switch (piece) {
      case Piece.Text(var text) -> new Message.Output.Said(text.toString());
      case Piece.Refusal(var text) -> new Message.Output.Refused(text.toString());
      case Piece.Thought(var text) -> new Message.Output.Thought(provider, text.toString(), null);
      case Piece.Sealed(var maker, var text, var state) ->
          new Message.Output.Thought(maker, text, state);
      case Piece.Call(var id, var name, var arguments, var state) ->
          new Message.Output.Called(
              id, name, arguments.isEmpty() ? "{}" : arguments.toString(), state);
    };
  }
}
