package io.penstock.ingress.http;

import io.penstock.platform.config.Section;
import java.time.Duration;

/**
 * Limits of streams.
 *
 * @param bufferBytesMax bytes of one stream that wait for its caller to read; more drop the caller
 * @param buffersBytesMax the same, of all streams together
 * @param stallMax how long one write may take before the caller is dropped
 * @param keepAlive silence after which a comment is sent
 */
public record StreamLimits(
    long bufferBytesMax, long buffersBytesMax, Duration stallMax, Duration keepAlive) {

  private static final long BUFFER_BYTES_DEFAULT = 8 << 20;
  private static final long BUFFERS_BYTES_DEFAULT = 256 << 20;
  private static final Duration STALL_DEFAULT = Duration.ofSeconds(30);
  private static final Duration KEEP_ALIVE_DEFAULT = Duration.ofSeconds(15);

  public StreamLimits {
    if (bufferBytesMax < 1 || buffersBytesMax < bufferBytesMax) {
      throw new IllegalArgumentException("buffers-bytes-max must hold at least one buffer");
    }
    if (!stallMax.isPositive() || !keepAlive.isPositive()) {
      throw new IllegalArgumentException("times must be longer than nothing");
    }
  }

  /** Reads the section {@code streams}; errors are noted in the section. */
  public static StreamLimits of(Section section) {
    var one = section.size("buffer-bytes-max", BUFFER_BYTES_DEFAULT);
    if (one < 1) {
      section.error("buffer-bytes-max", "must be at least 1 B");
      one = BUFFER_BYTES_DEFAULT;
    }
    var all =
        section.size(
            "buffers-bytes-max",
            Math.max(BUFFER_BYTES_DEFAULT, MemoryShare.of(BUFFERS_BYTES_DEFAULT)));
    if (all < one) {
      section.error("buffers-bytes-max", "must hold at least one buffer of buffer-bytes-max");
      all = one;
    }
    return new StreamLimits(
        one,
        all,
        positive(section, "stall-max", STALL_DEFAULT),
        positive(section, "keep-alive", KEEP_ALIVE_DEFAULT));
  }

  private static Duration positive(Section section, String key, Duration byDefault) {
    var duration = section.duration(key, byDefault);
    if (duration.isPositive()) {
      return duration;
    }
    section.error(key, "must be longer than nothing");
    return byDefault;
  }
}
