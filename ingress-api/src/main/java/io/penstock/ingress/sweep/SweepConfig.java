package io.penstock.ingress.sweep;

import io.penstock.platform.config.Section;
import java.time.Duration;

/**
 * When what is removed from the blob store.
 *
 * @param every pause between two rounds
 * @param blobsPerSecond blobs looked at in a second, at most
 * @param bodyRetention how long large bodies of requests stay that nobody has removed
 * @param answerRetention how long large answers stay
 * @param batchFileRetention how long input and output files of batches stay whose owner says
 *     nothing else
 */
public record SweepConfig(
    Duration every,
    int blobsPerSecond,
    Duration bodyRetention,
    Duration answerRetention,
    Duration batchFileRetention) {

  private static final Duration RETENTION_LEAST = Duration.ofDays(1);

  /** Reads the section {@code sweeping}; errors are noted in the section. */
  public static SweepConfig of(Section section) {
    return new SweepConfig(
        section.duration("every", Duration.ofMinutes(10)),
        (int) section.number("blobs-per-second", 500, 1, 1_000_000),
        // as long as the records stay that refer to them
        retention(section, "body-retention", Duration.ofDays(7)),
        retention(section, "answer-retention", Duration.ofDays(30)),
        retention(section, "batch-file-retention", Duration.ofDays(30)));
  }

  private static Duration retention(Section section, String key, Duration byDefault) {
    var retention = section.duration(key, byDefault);
    if (retention.compareTo(RETENTION_LEAST) < 0) {
      section.error(key, "must be at least 1d");
    }
    return retention;
  }
}
