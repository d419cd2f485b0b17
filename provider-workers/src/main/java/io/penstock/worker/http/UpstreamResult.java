package io.penstock.worker.http;

import io.penstock.worker.dialect.Headers;
import org.jspecify.annotations.Nullable;

/** How one POST ended. */
public sealed interface UpstreamResult {

  /**
   * A whole answer came.
   *
   * @param status HTTP status
   * @param headers its headers
   * @param body all of it
   * @param headNanos {@link System#nanoTime} when its head was there
   */
  record Answered(int status, Headers headers, byte[] body, long headNanos)
      implements UpstreamResult {}

  /** A stream came, and was taken to its end or for as long as the listener wanted it. */
  record Streamed() implements UpstreamResult {}

  /** No whole answer came. */
  sealed interface Broken extends UpstreamResult {
    /** What happened, for people; holds nothing of the request. */
    String message();
  }

  /** No connection could be made: nothing was sent, nothing is billed. */
  record NotConnected(String message) implements Broken {}

  /** Nothing of the model came in time; the provider may have worked all the same. */
  record TimedOut(String message) implements Broken {}

  /** The time for the whole call was over. */
  record OutOfTime(String message, @Nullable Integer status) implements Broken {}

  /**
   * The connection broke, or the answer stalled, after the request had gone out.
   *
   * @param status absent when no head came
   * @param part what came of the body; empty for a stream, whose listener has it
   */
  record CutOff(String message, @Nullable Integer status, byte[] part) implements Broken {}

  /** The answer is larger than we take. */
  record TooLarge(String message, int status) implements Broken {}

  /** It was ended from outside; the provider may have worked all the same. */
  record Cancelled(String message) implements Broken {}
}
