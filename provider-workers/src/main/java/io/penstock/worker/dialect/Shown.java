package io.penstock.worker.dialect;

import io.penstock.schemas.avro.Continuation;
import io.penstock.schemas.avro.Delivered;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What the caller of a stream has seen, of all calls together. Used by one thread. */
final class Shown {

  private static final int TEXT_BYTES_MAX = 1 << 20;

  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private final Instant answerAt;
  private boolean continuable;
  private int events;
  private String answerId;
  private String answerModel;

  Shown(@Nullable Continuation continuation, Instant now) {
    if (continuation == null) {
      answerAt = now;
      continuable = true;
      answerId = "";
      answerModel = "";
      return;
    }
    var delivered = continuation.getDelivered();
    var earlier = new byte[delivered.getText().remaining()];
    delivered.getText().duplicate().get(earlier);
    text.writeBytes(earlier);
    answerAt = delivered.getAnswerAt();
    continuable = delivered.getContinuable();
    events = delivered.getEvents();
    answerId = delivered.getAnswerId();
    answerModel = delivered.getAnswerModel();
  }

  /** The caller sees a step. */
  void take(StreamEvent step) {
    switch (step) {
      case StreamEvent.Text(var choice, var more) -> {
        continuable &= choice == 0;
        append(more);
      }
      case StreamEvent.Refusal _,
          StreamEvent.Thought _,
          StreamEvent.ThoughtState _,
          StreamEvent.ToolStarted _,
          StreamEvent.ToolArguments _ ->
          continuable &= !StreamTally.shows(step);
      case StreamEvent.Finished finished -> continuable &= finished.choice() == 0;
      case StreamEvent.Started _,
          StreamEvent.Used _,
          StreamEvent.Broken _,
          StreamEvent.Ended _ -> {}
    }
  }

  private void append(String more) {
    if (!continuable) {
      return;
    }
    text.writeBytes(more.getBytes(StandardCharsets.UTF_8));
    if (text.size() > TEXT_BYTES_MAX) {
      continuable = false;
      text.reset();
    }
  }

  /**
   * The caller sees events.
   *
   * @param all how many in all
   */
  void events(int all, String id, String model) {
    events = all;
    answerId = id;
    answerModel = model;
  }

  int events() {
    return events;
  }

  Delivered delivered(int pieces) {
    return new Delivered(
        ByteBuffer.wrap(continuable ? text.toByteArray() : new byte[0]),
        pieces,
        events,
        answerId,
        answerModel,
        answerAt,
        continuable);
  }
}
