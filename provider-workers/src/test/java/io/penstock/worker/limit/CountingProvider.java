package io.penstock.worker.limit;

import io.penstock.worker.limit.RateHeaders.Window;
import java.time.Duration;

/** How providers count requests per minute, in virtual time. */
interface CountingProvider {

  /** Counts a request; the time to wait when it is refused, else 0. */
  long ask(long nowNanos);

  /** What its headers would say. */
  Window headers(long nowNanos);

  /** Allows another number from now on. */
  void change(long perMinute);

  /** A bucket that refills steadily and holds what so much time refills. */
  final class Steady implements CountingProvider {
    private final double secondsHeld;
    private double perNano;
    private double capacity;
    private double level;
    private long at;

    Steady(long perMinute, double secondsHeld) {
      this.secondsHeld = secondsHeld;
      set(perMinute);
      level = capacity;
    }

    private void set(long perMinute) {
      perNano = perMinute / 60e9;
      capacity = Math.max(1, perMinute / 60.0 * secondsHeld);
    }

    @Override
    public long ask(long nowNanos) {
      level = Math.min(capacity, level + (nowNanos - at) * perNano);
      at = nowNanos;
      if (level < 1) {
        return (long) Math.ceil((1 - level) / perNano);
      }
      level--;
      return 0;
    }

    @Override
    public Window headers(long nowNanos) {
      var missing = (long) ((capacity - level) / perNano);
      return new Window(
          Math.round(perNano * 60e9), (long) level, Duration.ofNanos(Math.max(1_000_000, missing)));
    }

    @Override
    public void change(long perMinute) {
      set(perMinute);
      level = Math.min(level, capacity);
    }
  }

  /** Windows that begin by the clock, each with its share of the minute. */
  final class Windows implements CountingProvider {
    private final long window;
    private long perMinute;
    private long current = -1;
    private long used;

    Windows(long perMinute, long seconds) {
      this.perMinute = perMinute;
      this.window = seconds * 1_000_000_000L;
    }

    @Override
    public long ask(long nowNanos) {
      if (nowNanos / window != current) {
        current = nowNanos / window;
        used = 0;
      }
      if (used >= most()) {
        return (current + 1) * window - nowNanos;
      }
      used++;
      return 0;
    }

    private long most() {
      return perMinute * window / 60_000_000_000L;
    }

    @Override
    public Window headers(long nowNanos) {
      return new Window(
          perMinute,
          Math.max(0, most() - used),
          Duration.ofNanos((current + 1) * window - nowNanos));
    }

    @Override
    public void change(long newPerMinute) {
      perMinute = newPerMinute;
    }
  }
}
