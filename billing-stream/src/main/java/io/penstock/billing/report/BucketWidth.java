package io.penstock.billing.report;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How long a bucket of a usage report is; buckets begin at whole ones since 1970 in UTC. */
public enum BucketWidth {
  MINUTE("1m", Duration.ofMinutes(1)),
  HOUR("1h", Duration.ofHours(1)),
  DAY("1d", Duration.ofDays(1));

  private final String wire;
  private final Duration length;

  BucketWidth(String wire, Duration length) {
    this.wire = wire;
    this.length = length;
  }

  /** Name on the wire, OpenAI's. */
  public String wire() {
    return wire;
  }

  /** The width of a wire name; null when there is none. */
  public static @Nullable BucketWidth ofWire(String wire) {
    for (var width : values()) {
      if (width.wire.equals(wire)) {
        return width;
      }
    }
    return null;
  }

  public Duration length() {
    return length;
  }

  /** Start of the bucket that an instant is in. */
  public Instant start(Instant at) {
    return Instant.ofEpochSecond(
        Math.floorDiv(at.getEpochSecond(), length.toSeconds()) * length.toSeconds());
  }
}
