package io.penstock.router.pace;

import io.penstock.router.pace.Pace.Turn;
import io.penstock.schemas.avro.RateLimitStatus;
import org.jspecify.annotations.Nullable;

/**
 * What limits say of a request that they do not refuse.
 *
 * @param taking what it takes; of one that is refused later, what it leaves behind
 * @param status for the head of its answer; absent when nothing is limited by the minute
 * @param later set for a batch line that has to wait for its turn before its first call
 */
public record Paced(Taking taking, @Nullable RateLimitStatus status, Turn.@Nullable Later later) {

  /** Nothing is limited. */
  public static final Paced UNLIMITED = new Paced(Taking.NOTHING, null, null);

  /** Of a request that limits refuse. */
  public static Paced refused(@Nullable RateLimitStatus status) {
    return status == null ? UNLIMITED : new Paced(Taking.NOTHING, status, null);
  }

  /** Of a batch line. */
  public static Paced of(Turn turn) {
    return switch (turn) {
      case Turn.Now(var taking) -> new Paced(taking, null, null);
      case Turn.Later later -> new Paced(Taking.NOTHING, null, later);
    };
  }
}
