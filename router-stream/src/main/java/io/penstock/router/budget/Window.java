package io.penstock.router.budget;

import io.penstock.schemas.avro.BudgetWindow;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One window of a budget. Its id names the account, so that a new window is a new account and
 * nothing is ever reset.
 *
 * @param id such as {@code 2026-11}, {@code 2026-W47}, {@code lifetime} or {@code
 *     rolling-hour@2026-11-21T10:01:00Z}
 * @param endsAt when the next one begins; absent when none does
 */
public record Window(String id, @Nullable Instant endsAt) {

  /** Parts of a window that rolls. */
  static final int PARTS = 60;

  private static final Window LIFETIME = new Window("lifetime", null);

  /** The window that a time falls into, in a zone; days of 23 and 25 hours are days. */
  public static Window of(BudgetWindow kind, ZoneId zone, Instant at) {
    var local = at.atZone(zone);
    return switch (kind) {
      case LIFETIME -> LIFETIME;
      case MINUTE -> {
        var start = local.truncatedTo(ChronoUnit.MINUTES);
        yield new Window(clock(start), start.plusMinutes(1).toInstant());
      }
      case HOUR -> {
        var start = local.truncatedTo(ChronoUnit.HOURS);
        yield new Window(clock(start), start.plusHours(1).toInstant());
      }
      case DAY -> {
        var day = local.toLocalDate();
        yield new Window(day.toString(), day.plusDays(1).atStartOfDay(zone).toInstant());
      }
      case WEEK -> {
        var day = local.toLocalDate();
        var next = day.with(TemporalAdjusters.next(DayOfWeek.MONDAY));
        yield new Window(
            String.format(
                Locale.ROOT,
                "%d-W%02d",
                day.get(IsoFields.WEEK_BASED_YEAR),
                day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR)),
            next.atStartOfDay(zone).toInstant());
      }
      case MONTH -> {
        var first = local.toLocalDate().withDayOfMonth(1);
        yield new Window(
            first.toString().substring(0, 7), first.plusMonths(1).atStartOfDay(zone).toInstant());
      }
    };
  }

  /**
   * The part of a window that rolls: a request counts in the part in which it came, for as long as
   * any window that ends after it can reach back to it. One part more than sixty is counted, so at
   * no time is more used within the window than its limit.
   */
  public static Window rolling(BudgetWindow kind, Instant at) {
    if (kind == BudgetWindow.LIFETIME) {
      return LIFETIME;
    }
    var part = span(kind).toMillis() / PARTS;
    var start = Math.floorDiv(at.toEpochMilli(), part) * part;
    return new Window(
        "rolling-" + name(kind) + "@" + Instant.ofEpochMilli(start),
        Instant.ofEpochMilli(start + (PARTS + 1) * part));
  }

  /** Length of a window that rolls: a month is thirty days. */
  static Duration span(BudgetWindow kind) {
    return switch (kind) {
      case LIFETIME -> Duration.ZERO;
      case MINUTE -> Duration.ofMinutes(1);
      case HOUR -> Duration.ofHours(1);
      case DAY -> Duration.ofDays(1);
      case WEEK -> Duration.ofDays(7);
      case MONTH -> Duration.ofDays(30);
    };
  }

  /** Length of the window of a name. */
  static Duration span(String name) {
    for (var kind : BudgetWindow.values()) {
      if (name(kind).equals(name)) {
        return span(kind);
      }
    }
    return Duration.ZERO;
  }

  private static String name(BudgetWindow kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** With the offset, because an hour may come twice in a zone. */
  private static String clock(ZonedDateTime start) {
    return start.toLocalDateTime() + start.getOffset().getId();
  }
}
