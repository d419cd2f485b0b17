package io.penstock.billing.http;

import io.helidon.webserver.http.ServerRequest;
import io.penstock.billing.report.BucketWidth;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * The time that a report is about, in whole buckets.
 *
 * @param from start of the first bucket
 * @param to end of the last one
 */
record UsageRange(BucketWidth width, Instant from, Instant to) {

  private static final int DAYS_BY_DEFAULT = 30;
  private static final int DAYS_MAX = 400;
  private static final int BUCKETS_MAX = 3_000;

  /**
   * Days ({@code from}, {@code to}, both included) or seconds since 1970 ({@code start_time}
   * included, {@code end_time} not).
   *
   * @throws Refusal when they make no range, or too long a one
   */
  static UsageRange of(ServerRequest request, Instant now) throws Refusal {
    var width = Parameters.width(request, BucketWidth.DAY);
    return request.query().contains("start_time")
        ? ofSeconds(request, width, now)
        : ofDays(request, width, now);
  }

  private static UsageRange ofDays(ServerRequest request, BucketWidth width, Instant now)
      throws Refusal {
    var today = LocalDate.ofInstant(now, ZoneOffset.UTC);
    var to = Parameters.day(request, "to", today);
    var byDefault = width == BucketWidth.DAY ? to.minusDays(DAYS_BY_DEFAULT - 1) : to;
    var from = Parameters.day(request, "from", byDefault);
    if (from.isAfter(to) || ChronoUnit.DAYS.between(from, to) >= DAYS_MAX) {
      throw Parameters.invalid(
          "from", "from must be at most " + DAYS_MAX + " days before to, and not after it.");
    }
    if (from.toEpochDay() < 0) {
      throw Parameters.invalid("from", "from must not be before 1970-01-01.");
    }
    return checked(width, start(from), start(to.plusDays(1)), "from");
  }

  private static UsageRange ofSeconds(ServerRequest request, BucketWidth width, Instant now)
      throws Refusal {
    var from = Parameters.second(request, "start_time", now);
    var to = Parameters.second(request, "end_time", now);
    if (!from.isBefore(to)) {
      throw Parameters.invalid("start_time", "start_time must be before end_time.");
    }
    var last = width.start(to.minusSeconds(1));
    return checked(width, width.start(from), last.plus(width.length()), "start_time");
  }

  private static UsageRange checked(BucketWidth width, Instant from, Instant to, String name)
      throws Refusal {
    if (from.until(to, ChronoUnit.SECONDS) / width.length().toSeconds() > BUCKETS_MAX) {
      throw Parameters.invalid(
          name, "The report would have more than " + BUCKETS_MAX + " buckets of time.");
    }
    return new UsageRange(width, from, to);
  }

  private static Instant start(LocalDate day) {
    return day.atStartOfDay().toInstant(ZoneOffset.UTC);
  }

  LocalDate firstDay() {
    return LocalDate.ofInstant(from, ZoneOffset.UTC);
  }

  /** The day after the last one. */
  LocalDate dayAfter() {
    return LocalDate.ofInstant(to.minusSeconds(1), ZoneOffset.UTC).plusDays(1);
  }
}
