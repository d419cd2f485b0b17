package io.penstock.router.stream;

import java.time.Duration;

/**
 * Tells whether outcomes that are in the log may not have been read yet: after a start, after the
 * process stood still, and while old outcomes are being read. The clock must not end a request
 * then, whose answer its caller may already have: it would never be charged. Not thread-safe.
 */
final class Backlog {

  /** What is older when it is read was waiting in the log. */
  static final Duration OLD = Duration.ofSeconds(2);

  /** Between two looks is less than a second, unless the process stood still. */
  static final Duration STOOD_STILL = Duration.ofSeconds(2);

  /** When nothing old was read for so long, nothing old is left. */
  static final Duration QUIET = Duration.ofSeconds(5);

  /** Longer it is not waited for: clocks of workers may be wrong. */
  static final Duration MOST = Duration.ofMinutes(1);

  private long beganAt;
  private long behindAt;
  private long lookedAt;

  /** Begins to read. */
  Backlog(long nowMillis) {
    begin(nowMillis);
  }

  /** An outcome of some time was read. */
  void read(long timestampMillis, long nowMillis) {
    if (nowMillis - timestampMillis > OLD.toMillis()) {
      behindAt = nowMillis;
    }
  }

  /** To be asked regularly. */
  boolean possible(long nowMillis) {
    if (nowMillis - lookedAt > STOOD_STILL.toMillis()) {
      begin(nowMillis);
    }
    lookedAt = nowMillis;
    return nowMillis - behindAt < QUIET.toMillis() && nowMillis - beganAt < MOST.toMillis();
  }

  private void begin(long nowMillis) {
    beganAt = nowMillis;
    behindAt = nowMillis;
    lookedAt = nowMillis;
  }
}
