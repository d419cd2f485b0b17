package io.penstock.ingress.batches;

import io.penstock.platform.config.Section;
import java.time.Duration;

/**
 * Limits of batches.
 *
 * @param windowLines lines of one batch in flight at the same time
 * @param windowBytes bodies of one batch in flight at the same time, in bytes; one line more is let
 *     through
 * @param windowLinesTotal lines of all batches of this instance in flight at the same time
 * @param quantum lines that a batch dispatches in one turn
 * @param linesMax requests in one input file
 * @param lineBytesMax bytes of one line
 * @param completionWindow how long after its creation a batch expires
 * @param grace how long a stopped batch waits for the lines that were dispatched
 */
public record BatchesConfig(
    int windowLines,
    long windowBytes,
    int windowLinesTotal,
    int quantum,
    long linesMax,
    int lineBytesMax,
    Duration completionWindow,
    Duration grace) {

  private static final long MIB = 1 << 20;
  private static final int LINE_BYTES_LARGEST = 64 << 20;

  /** What is used unless configured. */
  public static BatchesConfig defaults() {
    return of(Section.empty());
  }

  /** Reads the section {@code batches}; errors are noted in the section. */
  public static BatchesConfig of(Section section) {
    var lineBytesMax = section.size("line-bytes-max", 10 * MIB);
    if (lineBytesMax < 1024 || lineBytesMax > LINE_BYTES_LARGEST) {
      section.error("line-bytes-max", "must be from 1KiB to 64MiB");
      lineBytesMax = 10 * MIB;
    }
    return new BatchesConfig(
        (int) section.number("window-lines", 4_000, 1, 1_000_000),
        section.size("window-bytes", 32 * MIB),
        (int) section.number("window-lines-total", 16_000, 1, 10_000_000),
        (int) section.number("quantum", 64, 1, 10_000),
        section.number("lines-max", 10_000_000, 1, 100_000_000),
        (int) lineBytesMax,
        section.duration("completion-window", Duration.ofHours(24)),
        section.duration("grace", Duration.ofMinutes(10)));
  }
}
