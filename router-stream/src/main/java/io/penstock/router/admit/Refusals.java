package io.penstock.router.admit;

import org.jspecify.annotations.Nullable;

/**
 * What was refused under an idempotency key, and is refused again under it: two readings of one log
 * must not disagree, whatever money has come in between.
 */
@FunctionalInterface
public interface Refusals {

  /** Remembers nothing. */
  Refusals NONE = (_, _) -> null;

  /** The refusal under a key; absent when nothing was refused. */
  @Nullable Refusal of(String organization, String idempotencyKey);
}
