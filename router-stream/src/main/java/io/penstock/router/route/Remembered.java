package io.penstock.router.route;

import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.ReplyAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was asked for under an idempotency key. */
public sealed interface Remembered {

  /** The request that was first. */
  String requestId();

  /** Tells the same request from another one under the same key. */
  String fingerprint();

  /**
   * It is being worked on.
   *
   * @param followers who asked again meanwhile, and hear what it ends with
   */
  record Pending(String requestId, String fingerprint, List<Follower> followers)
      implements Remembered {

    public Pending {
      followers = List.copyOf(followers);
    }

    Pending with(Follower follower) {
      var all = new ArrayList<Follower>(followers.size() + 1);
      all.addAll(followers);
      all.add(follower);
      return new Pending(requestId, fingerprint, all);
    }
  }

  /**
   * A caller who waits for the answer to an earlier request.
   *
   * @param requestId under which it waits
   */
  record Follower(String requestId, ReplyAddress address) {}

  /**
   * It was answered, and charged.
   *
   * @param body absent when the answer was not kept whole
   * @param pool that answered
   */
  record Answered(
      String requestId,
      String fingerprint,
      int httpStatus,
      @Nullable Payload body,
      String pool,
      String upstreamModel)
      implements Remembered {}
}
