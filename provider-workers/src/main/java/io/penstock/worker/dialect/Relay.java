package io.penstock.worker.dialect;

import io.penstock.schemas.avro.Delivered;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.AnswerAssembler;
import io.penstock.worker.dialect.canonical.AnswerSteps;
import io.penstock.worker.dialect.canonical.StreamEvent;
import io.penstock.worker.dialect.sse.EventParser;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A provider's stream on its way to the caller. Nothing goes out before the model has said
 * something, so that a failure until then is nobody's but ours. Used by one thread.
 */
final class Relay implements StreamExchange {

  private static final int EVENT_BYTES_MAX = 16 << 20;
  private static final int HELD_BYTES_MAX = 64 << 20;
  private static final byte[] NOTHING = {};

  private final Conversation conversation;
  private Outlet outlet;
  private final ProviderDialect.StreamReader reader;
  private final SeenBefore seenBefore;
  private final Shown shown;
  private final Instant answerAt;
  private final EventParser parser = new EventParser(EVENT_BYTES_MAX, this::event);
  private final StreamTally tally = new StreamTally();
  private final @Nullable AnswerAssembler whole;

  private final ByteArrayOutputStream held = new ByteArrayOutputStream();
  private final List<StreamEvent> heldSteps = new ArrayList<>();
  private final ByteArrayOutputStream due = new ByteArrayOutputStream();

  /** A body that is no stream, as some servers send in spite of the question. */
  private @Nullable ByteArrayOutputStream plain;

  private boolean firstByteSeen;
  private boolean showing;
  private @Nullable Failure failure;

  Relay(Conversation conversation, Outlet outlet, Instant now) {
    this.conversation = conversation;
    this.outlet = outlet;
    var call = conversation.call();
    var continuation = call.getContinuation();
    this.reader = conversation.provider().stream(call);
    this.seenBefore = SeenBefore.of(continuation);
    this.shown = new Shown(continuation, now);
    this.answerAt = continuation == null ? now : continuation.getDelivered().getAnswerAt();
    this.whole = conversation.wantsWhole() || conversation.buffers() ? assembler() : null;
  }

  /** One that knows what the caller has seen. */
  private AnswerAssembler assembler() {
    var assembler = new AnswerAssembler();
    var continuation = conversation.call().getContinuation();
    if (continuation != null) {
      assembler.take(
          new StreamEvent.Started(
              continuation.getDelivered().getAnswerId(),
              continuation.getDelivered().getAnswerModel()));
      assembler.take(new StreamEvent.Text(0, SeenBefore.text(continuation)));
    }
    return assembler;
  }

  @Override
  public byte[] take(byte[] buffer, int offset, int length) {
    for (var at = offset; !firstByteSeen && at < offset + length; at++) {
      if (" \t\r\n".indexOf(buffer[at]) < 0) {
        firstByteSeen = true;
        // no line of a stream of events can begin so
        plain = buffer[at] == '{' || buffer[at] == '[' ? new ByteArrayOutputStream() : null;
      }
    }
    if (plain == null) {
      parser.take(buffer, offset, length);
      if (parser.tooLong()) {
        fail(unusable("an event of the stream is too long"));
      }
    } else if (plain.size() + length > HELD_BYTES_MAX) {
      fail(unusable("the answer is too long"));
    } else {
      plain.write(buffer, offset, length);
    }
    return drain();
  }

  @Override
  public long held() {
    return (long) parser.begun() + held.size() + (plain == null ? 0 : plain.size());
  }

  private byte[] drain() {
    var bytes = due.toByteArray();
    due.reset();
    return bytes;
  }

  private void event(ServerSentEvent event, byte[] raw) {
    if (!complete()) {
      steps(raw, reader.read(event));
    }
  }

  private void steps(byte[] raw, List<StreamEvent> steps) {
    steps.forEach(tally::take);
    var fresh = seenBefore.take(steps);
    var visible = false;
    for (var step : fresh) {
      visible |= StreamTally.shows(step);
      if (step instanceof StreamEvent.Broken(var why)) {
        fail(why);
      }
      if (whole != null) {
        whole.take(step);
      }
    }
    var bytes = outlet.write(raw, fresh);
    if (showing) {
      show(bytes, fresh);
      return;
    }
    held.writeBytes(bytes);
    heldSteps.addAll(fresh);
    if (visible && !conversation.buffers()) {
      showHeld();
    } else if (held.size() > HELD_BYTES_MAX) {
      fail(unusable("the answer is too long to be held back"));
    }
  }

  private void showHeld() {
    showing = true;
    show(held.toByteArray(), heldSteps);
    held.reset();
    heldSteps.clear();
  }

  private void show(byte[] bytes, List<StreamEvent> steps) {
    due.writeBytes(bytes);
    steps.forEach(shown::take);
    shown.events(outlet.events(), outlet.answerId(), outlet.model());
  }

  private void fail(@Nullable Failure why) {
    failure = failure == null ? why : failure;
  }

  private static Failure unusable(String message) {
    return FailureClassifier.unusable(200, message, NOTHING);
  }

  @Override
  public boolean begun() {
    return tally.begun();
  }

  @Override
  public boolean complete() {
    return failure != null || tally.ended();
  }

  @Override
  public End end(Instant now) {
    if (plain == null) {
      parser.end();
    } else if (failure == null) {
      readPlain(plain.toByteArray(), now);
    }
    if (failure == null && !tally.finished()) {
      fail(
          new Failure(
              FailureKind.CUT, 200, null, "the stream ended before the answer did", null, null));
    }
    if (failure == null && !showing) {
      fail(judged());
    }
    // what came last was not taken by anybody yet
    var rest = new ByteArrayOutputStream();
    rest.writeBytes(drain());
    if (failure != null) {
      return new End(rest.toByteArray(), new Reading.Failed(failure, usage()));
    }
    if (!showing) {
      showHeld();
      rest.writeBytes(drain());
    }
    var usage = usage();
    rest.writeBytes(outlet.end(usage, tally.usage() != null));
    return new End(
        rest.toByteArray(), new Reading.Usable(usage, tally.finishReason(), wholeAnswer(usage)));
  }

  private void readPlain(byte[] body, Instant now) {
    switch (conversation.provider().read(conversation.call(), body, now)) {
      case Read.Failed(var why, var used) -> {
        if (used != null) {
          tally.take(new StreamEvent.Used(used));
        }
        fail(why);
      }
      case Read.Answered(var answer) -> {
        if (outlet instanceof PassedOutlet passed) {
          // there are no events to pass on
          outlet =
              new TranslatedOutlet(
                  conversation.caller().stream(CallerDialect.StreamStart.fresh(answerAt)),
                  passed.usageAsked());
        }
        steps(NOTHING, AnswerSteps.of(answer));
      }
    }
  }

  /** Nothing has been shown, so there is still time to call an answer no answer. */
  private @Nullable Failure judged() {
    var assembler = whole;
    if (assembler == null) {
      assembler = assembler();
      heldSteps.forEach(assembler::take);
    }
    return conversation.judge(answer(assembler, usage()));
  }

  private byte[] wholeAnswer(TokenUsage usage) {
    return whole == null || !conversation.wantsWhole()
        ? NOTHING
        : conversation.caller().answer(answer(whole, usage));
  }

  private Answer answer(AnswerAssembler assembler, TokenUsage usage) {
    return assembler.answer(conversation.provider().name(), answerAt, usage);
  }

  @Override
  public Delivered delivered(int pieces) {
    return shown.delivered(pieces);
  }

  @Override
  public TokenUsage usage() {
    var told = tally.usage();
    if (told != null) {
      return told;
    }
    var bytes = tally.outputBytes();
    return UsageEstimate.of(conversation.call().getFacts(), bytes == 0 ? null : (Long) bytes, null);
  }
}
