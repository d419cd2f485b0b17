package io.penstock.worker.engine;

import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.Delivered;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.Exchange;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.dialect.StreamExchange;
import io.penstock.worker.http.AnswerRoom;
import io.penstock.worker.http.BodyListener;
import io.penstock.worker.http.Cancellation;
import io.penstock.worker.http.UpstreamResult.Answered;
import io.penstock.worker.http.UpstreamResult.Broken;
import io.penstock.worker.http.UpstreamResult.Cancelled;
import io.penstock.worker.limit.RateHeaders;
import io.penstock.worker.stream.ReplyStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One answer that comes as a stream: read on the side, handed on to the caller who waits.
 *
 * <p>Nothing goes out before the model has begun to speak, so that a provider that says no more
 * than hello can still be replaced by another without the caller seeing any of it. Used by the
 * call's thread, but for {@link #handOver}.
 */
final class StreamedAnswer implements BodyListener {

  private static final long ROOM_STEP_BYTES = 512 << 10;

  private final CallAttempt attempt;
  private final Exchange exchange;
  private final StreamExchange stream;
  private final @Nullable ReplyStream replies;
  private final Cancellation cancellation;
  private final int heldBytesMax;
  private final AnswerRoom room;
  private final boolean buffered;
  private final boolean kept;
  private final ByteArrayOutputStream transcript = new ByteArrayOutputStream(0);
  private Headers headers = Headers.NONE;
  private @Nullable Instant firstByte;
  private long bytes;
  private boolean tooLarge;
  private long roomTaken = CallMemory.FREE_BYTES;
  private volatile boolean handedOver;

  /**
   * Begins with nothing.
   *
   * @param replies the way to the caller; absent when nobody waits
   * @param heldBytesMax largest answer that is kept until its end
   * @param room memory for what is kept
   */
  StreamedAnswer(
      CallAttempt attempt,
      Exchange exchange,
      @Nullable ReplyStream replies,
      Cancellation cancellation,
      int heldBytesMax,
      AnswerRoom room) {
    this.room = room;
    this.attempt = attempt;
    this.exchange = exchange;
    this.stream = exchange.stream(attempt.now());
    this.replies = replies;
    this.cancellation = cancellation;
    this.heldBytesMax = heldBytesMax;
    var policy = attempt.call().getPolicy();
    this.buffered = policy != null && policy.getBuffered();
    this.kept = attempt.call().getAnswerTo() != AnswerTo.REPLY;
  }

  @Override
  public void head(Headers newHeaders, long headNanos) {
    headers = newHeaders;
  }

  @Override
  public Progress take(byte[] buffer, int offset, int length) {
    bytes += length;
    tell(stream.take(buffer, offset, length));
    if (firstByte == null && stream.begun()) {
      firstByte = attempt.now();
      if (replies != null && !buffered) {
        replies.flow();
      }
    }
    if (tooMuchHeld() || !hasRoom() || replies != null && replies.broken()) {
      return Progress.ENOUGH;
    }
    if (stream.complete()) {
      return Progress.COMPLETE;
    }
    return firstByte == null ? Progress.SILENT : Progress.BEGUN;
  }

  private void tell(byte[] events) {
    if (replies != null) {
      replies.write(events);
    }
    if (kept) {
      transcript.writeBytes(events);
    }
  }

  private boolean tooMuchHeld() {
    tooLarge |= heldBack() > heldBytesMax;
    return tooLarge;
  }

  private long heldBack() {
    return Math.max(transcript.size(), replies == null ? 0 : replies.held());
  }

  private boolean hasRoom() {
    var held = stream.held() + heldBack();
    while (roomTaken < held) {
      if (!room.take(ROOM_STEP_BYTES, cancellation::cancelled)) {
        return false;
      }
      roomTaken += ROOM_STEP_BYTES;
    }
    return true;
  }

  /**
   * The process ends before the answer does: breaks off what the caller has begun to see, so that
   * the router learns how far it got. A call of which nobody has seen anything is left alone: it is
   * made again by the next owner of its record.
   */
  void handOver() {
    if (replies != null && replies.sent()) {
      handedOver = true;
      cancellation.cancel();
    }
  }

  /** The stream was taken to its end, or as far as we wanted it. */
  CallEnd end() {
    if (tooLarge) {
      return failed(
          Failures.of(FailureKind.UNUSABLE, 200, "the answer is larger than " + heldBytesMax),
          null);
    }
    return judged(null);
  }

  /** A whole answer, or an error, came where a stream was asked for: the caller gets a stream. */
  CallEnd end(Answered answered) {
    head(answered.headers(), answered.headNanos());
    take(answered.body(), 0, answered.body().length);
    return end();
  }

  /** The stream broke off, or never began. */
  CallEnd end(Broken broken) {
    if (broken instanceof Cancelled && handedOver) {
      return failed(
          Failures.of(
              FailureKind.CUT, 200, "the worker stopped before the provider said all of it"),
          null);
    }
    if (broken instanceof Cancelled && !stream.complete()) {
      return failed(Failures.of(broken, attempt.call(), attempt.now()), null);
    }
    if (bytes == 0) {
      return WholeAnswer.end(attempt, exchange, broken);
    }
    return judged(Failures.of(broken, attempt.call(), attempt.now()));
  }

  /**
   * We failed to read it.
   *
   * @return null when the caller has seen nothing of it
   */
  @Nullable CallEnd broken() {
    if (replies == null || !replies.sent()) {
      return null;
    }
    replies.finish();
    var delivered =
        Delivered.newBuilder()
            .setText(ByteBuffer.allocate(0))
            .setPieces(replies.pieces())
            .setEvents(0)
            .setAnswerId("")
            .setAnswerModel(attempt.call().getUpstreamModel())
            .setAnswerAt(attempt.started())
            .setContinuable(false)
            .build();
    return attempt.failed(
        Failures.of(FailureKind.UNKNOWN, 200, "the worker failed"),
        exchange.estimate(bytes),
        exchange.providerRequestId(headers),
        delivered,
        CallFeedback.inDoubt(attempt.tokensReserved(), limits()));
  }

  private CallEnd judged(@Nullable Failure cause) {
    var end = stream.end(attempt.now());
    // a failure, too, may leave events that had come before it
    tell(end.rest());
    return switch (end.reading()) {
      case Reading.Usable(var usage, var finishReason, var answer) -> {
        if (replies != null && !replies.finish()) {
          yield failed(undelivered(), usage);
        }
        yield attempt.succeeded(
            replies == null ? 0 : replies.pieces(),
            answer.length > 0 ? answer : transcript.toByteArray(),
            exchange.outgoing().warnings(),
            usage,
            finishReason,
            exchange.providerRequestId(headers),
            firstByte == null ? attempt.now() : firstByte,
            limits());
      }
      // what the provider itself says of its failure tells more than how the connection ended
      case Reading.Failed(var failure, var usage) ->
          failed(cause != null && failure.getKind() == FailureKind.CUT ? cause : failure, usage);
    };
  }

  private static Failure undelivered() {
    return Failures.of(
        FailureKind.CUT, 200, "a piece of the answer could not be written for the caller");
  }

  private CallEnd failed(Failure failure, @Nullable TokenUsage known) {
    var usage = known != null ? known : stream.begun() ? stream.usage() : exchange.estimate(bytes);
    var lost = replies != null && replies.broken();
    return attempt.failed(
        lost ? undelivered() : failure,
        usage,
        exchange.providerRequestId(headers),
        delivered(),
        CallFeedback.refused(attempt.tokensReserved(), failure, known, limits()));
  }

  /** What the caller has seen, once what is under way has arrived. */
  private @Nullable Delivered delivered() {
    if (replies == null) {
      return null;
    }
    if (!replies.sent()) {
      replies.discard();
      return attempt.deliveredBefore();
    }
    var whole = replies.finish();
    var delivered = stream.delivered(replies.pieces());
    if (!whole) {
      delivered.setContinuable(false);
    }
    return delivered;
  }

  private RateHeaders limits() {
    return RateHeaders.parse(headers::value, attempt.now());
  }
}
