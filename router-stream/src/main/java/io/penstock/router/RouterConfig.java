package io.penstock.router;

import io.penstock.platform.config.Section;
import java.time.Duration;

/**
 * Settings of the router, section {@code router}.
 *
 * @param threads stream threads of this process
 * @param commitInterval how often state, results and usage become visible to committed readers;
 *     nobody who waits for an answer waits for it
 * @param requestMemory how long an ended request is remembered, so that what comes late does no
 *     harm
 * @param deadlineGrace how long after its deadline a request is ended that no worker has answered
 *     for
 * @param answerMemory how long an answer is given again to who asks again with the same idempotency
 *     key
 */
public record RouterConfig(
    int threads,
    Duration commitInterval,
    Duration requestMemory,
    Duration deadlineGrace,
    Duration answerMemory) {

  public static final RouterConfig DEFAULTS =
      new RouterConfig(
          1,
          Duration.ofMillis(100),
          Duration.ofHours(1),
          Duration.ofSeconds(10),
          Duration.ofHours(24));

  private static final Duration ANSWER_MEMORY_LEAST = Duration.ofMinutes(1);

  /** Reads the router's own section of a configuration; the caller finishes the root. */
  public static RouterConfig of(Section own) {
    var answerMemory = own.duration("answer-memory", DEFAULTS.answerMemory);
    if (answerMemory.compareTo(ANSWER_MEMORY_LEAST) < 0) {
      own.error("answer-memory", "must be at least 1m");
    }
    return new RouterConfig(
        (int) own.number("threads", DEFAULTS.threads, 1, 64),
        own.duration("commit-interval", DEFAULTS.commitInterval),
        own.duration("request-memory", DEFAULTS.requestMemory),
        own.duration("deadline-grace", DEFAULTS.deadlineGrace),
        answerMemory);
  }
}
