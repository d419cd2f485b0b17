package io.penstock.worker.limit;

import org.jspecify.annotations.Nullable;

/**
 * The limit that a provider's headers name, beside one that is configured. Headers do not say what
 * their number counts in: a minute, or a window of a second. So a number far below the configured
 * one is not believed, but that it became less is. Not thread-safe.
 */
final class Told {

  // windows of ten seconds or less hold less than a fifth of a minute's
  private static final long BELIEVED_FROM_FIFTHS = 5;

  private long most;
  private long last;

  void hear(RateHeaders.@Nullable Window window) {
    var limit = window == null ? null : window.limit();
    if (limit != null && limit > 0) {
      last = limit;
      most = Math.max(most, limit);
    }
  }

  /** The configured limit, or less where the provider allows less; at least 1. */
  long bound(long configured) {
    if (most == 0) {
      return configured;
    }
    var shrunk = Math.max(1, Math.round(configured * ((double) last / most)));
    return last >= configured / BELIEVED_FROM_FIFTHS
        ? Math.min(shrunk, Math.min(configured, last))
        : shrunk;
  }
}
