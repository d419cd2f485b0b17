package io.penstock.worker.engine;

import io.penstock.platform.blob.Payloads;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.Delivered;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.limit.Feedback;
import io.penstock.worker.limit.RateHeaders;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call under way, and how its end is put into records.
 *
 * @param started when it began
 * @param startedNanos the same on the monotonic clock
 * @param tokensReserved what its permit reserved
 */
record CallAttempt(
    CallAssigned call,
    Instant started,
    long startedNanos,
    long tokensReserved,
    Payloads payloads,
    InstantSource clock) {

  Instant now() {
    return clock.instant();
  }

  /** A moment of the monotonic clock by the wall clock. */
  Instant at(long momentNanos) {
    return started.plusNanos(Math.max(0, momentNanos - startedNanos));
  }

  /** What the caller has seen of earlier calls; null when nothing. */
  @Nullable Delivered deliveredBefore() {
    var continuation = call.getContinuation();
    return continuation == null ? null : continuation.getDelivered();
  }

  /** The provider has heard nothing of it. */
  CallEnd notMade(Failure failure) {
    return failed(failure, null, null, deliveredBefore(), Feedback.unused(tokensReserved));
  }

  /** The provider may have worked on it. */
  CallEnd inDoubt(Failure failure, TokenUsage usage) {
    return failed(
        failure,
        usage,
        null,
        deliveredBefore(),
        CallFeedback.inDoubt(tokensReserved, RateHeaders.NONE));
  }

  CallEnd failed(
      Failure failure,
      @Nullable TokenUsage usage,
      @Nullable String providerRequestId,
      @Nullable Delivered delivered,
      Feedback feedback) {
    return new CallEnd.Failed(
        failed(call, failure, usage, providerRequestId, delivered, started, clock.instant()),
        feedback);
  }

  static CallFailed failed(
      CallAssigned call,
      Failure failure,
      @Nullable TokenUsage usage,
      @Nullable String providerRequestId,
      @Nullable Delivered delivered,
      Instant started,
      Instant finished) {
    return new CallFailed(
        call.getRequestId(),
        call.getOrganization(),
        call.getAttempt(),
        failure,
        usage,
        providerRequestId,
        delivered,
        call,
        started,
        finished);
  }

  /**
   * It ended well.
   *
   * @param pieces of the stream that the caller got, those of earlier calls included; 0 when the
   *     answer comes in one
   * @param answer in the caller's dialect
   * @param warnings parameters that were left out
   */
  CallEnd succeeded(
      int pieces,
      byte[] answer,
      List<String> warnings,
      TokenUsage usage,
      @Nullable String finishReason,
      @Nullable String providerRequestId,
      Instant firstByte,
      RateHeaders limits) {
    var feedback = CallFeedback.served(tokensReserved, usage, limits);
    var streamed = pieces > 0;
    // of a stream that another call began, the events of this one are not the whole answer
    var kept =
        switch (call.getAnswerTo()) {
          case REPLY -> false;
          case RESULT -> true;
          case BOTH -> !streamed || call.getContinuation() == null;
        };
    try {
      var payload =
          kept || !streamed
              ? payloads.pack(
                  Payloads.ANSWERS + call.getRequestId() + "/" + call.getAttempt(), answer)
              : null;
      var finished =
          new CallFinished(
              call.getRequestId(),
              call.getOrganization(),
              call.getAttempt(),
              call.getPool(),
              call.getUpstreamModel(),
              call.getLane(),
              200,
              providerRequestId,
              usage,
              finishReason,
              kept ? payload : null,
              started,
              firstByte.truncatedTo(ChronoUnit.MILLIS),
              clock.instant());
      var address = call.getReply();
      var reply =
          address == null || call.getAnswerTo() == AnswerTo.RESULT
              ? null
              : new ReplyFinished(
                  call.getRequestId(),
                  address.getInstance(),
                  call.getAttempt(),
                  200,
                  streamed ? null : payload,
                  pieces,
                  started,
                  warnings,
                  call.getExplanation(),
                  null,
                  call.getPool(),
                  call.getUpstreamModel(),
                  call.getRateLimits(),
                  null);
      return new CallEnd.Succeeded(finished, reply, feedback);
    } catch (IOException e) {
      // it was served and is billed, but there is nowhere to put it
      return failed(
          Failures.of(FailureKind.UNKNOWN, 200, "the answer could not be stored"),
          usage,
          providerRequestId,
          deliveredBefore(),
          feedback);
    }
  }
}
