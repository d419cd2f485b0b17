package io.penstock.worker.limit;

import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What an answer's {@code x-ratelimit-*} or {@code anthropic-ratelimit-*} headers say.
 *
 * @param requests the limit on requests; absent when not told
 * @param tokens the limit on tokens; absent when not told
 * @param inputTokens the limit on tokens of prompts; absent when not told
 * @param outputTokens the limit on tokens of answers; absent when not told
 */
public record RateHeaders(
    @Nullable Window requests,
    @Nullable Window tokens,
    @Nullable Window inputTokens,
    @Nullable Window outputTokens) {

  /** No header at all. */
  public static final RateHeaders NONE = new RateHeaders(null, null);

  /** Of a provider that does not tell input from output. */
  public RateHeaders(@Nullable Window requests, @Nullable Window tokens) {
    this(requests, tokens, null, null);
  }

  private static final Duration PERIOD_MINUTE_MAX = Duration.ofMinutes(10);

  /**
   * One limit.
   *
   * @param limit units per period; absent when not told
   * @param remaining units left now; absent when not told
   * @param reset until all of them are back; absent when not told
   */
  public record Window(@Nullable Long limit, @Nullable Long remaining, @Nullable Duration reset) {

    /** How long to keep off; null unless nothing is left and the provider says until when. */
    public @Nullable Duration exhaustedFor() {
      return remaining != null && remaining <= 0 ? reset : null;
    }

    /**
     * The limit per minute; null when it cannot be told. The headers do not name their period, and
     * some limits are per day: what was used, and how long it takes to come back, gives it away.
     */
    public @Nullable Long perMinute() {
      if (limit == null || remaining == null || reset == null || limit <= 0) {
        return null;
      }
      var used = limit - remaining;
      if (used <= 0) {
        return null;
      }
      var periodSeconds = reset.toNanos() / 1e9 * limit / used;
      return periodSeconds > PERIOD_MINUTE_MAX.toSeconds() ? null : limit;
    }
  }

  /**
   * Reads the headers of one answer.
   *
   * @param header value of a header by lower-case name
   */
  public static RateHeaders parse(Header header, Instant now) {
    var read =
        new RateHeaders(
            window(header, "requests", now),
            window(header, "tokens", now),
            window(header, "input-tokens", now),
            window(header, "output-tokens", now));
    return read.equals(NONE) ? NONE : read;
  }

  /** Looks up a header by its lower-case name. */
  @FunctionalInterface
  public interface Header {
    /** Its value; null when it is not there. */
    @Nullable String value(String name);
  }

  private static @Nullable Window window(Header header, String unit, Instant now) {
    var window = window(header, now, part -> "x-ratelimit-" + part + "-" + unit);
    return window == null
        ? window(header, now, part -> "anthropic-ratelimit-" + unit + "-" + part)
        : window;
  }

  private static @Nullable Window window(Header header, Instant now, UnaryOperator<String> name) {
    var limit = number(header.value(name.apply("limit")));
    var remaining = number(header.value(name.apply("remaining")));
    var reset = header.value(name.apply("reset"));
    if (limit == null && remaining == null && reset == null) {
      return null;
    }
    return new Window(limit, remaining, reset == null ? null : ResetTime.parse(reset, now));
  }

  private static @Nullable Long number(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
