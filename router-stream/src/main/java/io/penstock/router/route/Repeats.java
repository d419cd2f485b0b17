package io.penstock.router.route;

import org.jspecify.annotations.Nullable;

/** What is known of requests by their idempotency keys. */
@FunctionalInterface
public interface Repeats {

  /** Remembers nothing. */
  Repeats NONE = (_, _) -> null;

  /** What was asked for under a key; absent when nothing was, or it is no longer remembered. */
  @Nullable Remembered of(String organization, String idempotencyKey);
}
