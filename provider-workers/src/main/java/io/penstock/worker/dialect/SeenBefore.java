package io.penstock.worker.dialect;

import io.penstock.schemas.avro.Continuation;
import io.penstock.schemas.avro.ContinueBy;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of a run that goes on with an answer what its caller has seen. A fresh run has to
 * repeat all of it, word for word; a run that was given the beginning may repeat it, which some
 * providers do, or not. Used by one thread.
 */
final class SeenBefore {

  /** Code of a fresh run that is not the same answer. */
  static final String SPLICE_MISMATCH = "splice_mismatch";

  /** A shorter beginning may well come twice in an answer; then it is no repetition. */
  private static final int REPEATED_CHARACTERS_MIN = 8;

  private final String seen;
  private final boolean mustRepeat;
  private final boolean continuing;
  private int matched;
  private boolean past;

  private SeenBefore(String seen, boolean mustRepeat, boolean continuing) {
    this.seen = seen;
    this.mustRepeat = mustRepeat;
    this.continuing = continuing;
    this.past = seen.isEmpty() || (!mustRepeat && seen.length() < REPEATED_CHARACTERS_MIN);
  }

  static SeenBefore of(@Nullable Continuation continuation) {
    return continuation == null
        ? new SeenBefore("", false, false)
        : new SeenBefore(text(continuation), continuation.getBy() != ContinueBy.PREFILL, true);
  }

  /** The text that a continuation goes on from. */
  static String text(Continuation continuation) {
    return StandardCharsets.UTF_8
        .decode(continuation.getDelivered().getText().duplicate())
        .toString();
  }

  /** What is new in some steps. */
  List<StreamEvent> take(List<StreamEvent> steps) {
    if (!continuing) {
      return steps;
    }
    var fresh = new ArrayList<StreamEvent>(steps.size() + 1);
    for (var step : steps) {
      take(step, fresh);
    }
    return fresh;
  }

  private void take(StreamEvent step, List<StreamEvent> fresh) {
    switch (step) {
      case StreamEvent.Text(var choice, var text) -> {
        if (choice == 0) {
          text(text, fresh);
        }
      }
      // nobody wants to see a second train of thought in the middle of an answer
      case StreamEvent.Thought _, StreamEvent.ThoughtState _ -> {}
      case StreamEvent.ToolStarted(var choice, _, _, _, _) -> other(choice, step, fresh);
      case StreamEvent.ToolArguments(var choice, _, _) -> other(choice, step, fresh);
      case StreamEvent.Refusal(var choice, _) -> other(choice, step, fresh);
      case StreamEvent.Finished finished -> other(finished.choice(), step, fresh);
      case StreamEvent.Started _, StreamEvent.Used _, StreamEvent.Broken _, StreamEvent.Ended _ ->
          fresh.add(step);
    }
  }

  private void text(String text, List<StreamEvent> fresh) {
    var same = 0;
    while (!past && same < text.length()) {
      if (text.charAt(same) != seen.charAt(matched)) {
        differs(fresh);
        break;
      }
      same++;
      matched++;
      past = matched == seen.length();
    }
    if (past && same < text.length()) {
      fresh.add(new StreamEvent.Text(0, text.substring(same)));
    }
  }

  private void other(int choice, StreamEvent step, List<StreamEvent> fresh) {
    if (choice != 0) {
      return;
    }
    if (!past) {
      differs(fresh);
    }
    if (past) {
      fresh.add(step);
    }
  }

  private void differs(List<StreamEvent> fresh) {
    if (mustRepeat) {
      fresh.add(
          new StreamEvent.Broken(
              new Failure(
                  FailureKind.UNUSABLE,
                  200,
                  SPLICE_MISMATCH,
                  "a fresh answer does not begin with what the caller has seen",
                  null,
                  null)));
      return;
    }
    past = true;
    if (matched > 0) {
      fresh.add(new StreamEvent.Text(0, seen.substring(0, matched)));
    }
  }
}
