package io.penstock.router.budget;

import io.penstock.schemas.avro.BudgetWindow;
import java.time.DayOfWeek;
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
 * @param id such as {@code 2026-11}, {@code 2026-W47} or {@code lifetime}
 * @param endsAt when the next one begins; absent when none does
 */
public record Window(String id, @Nullable Instant endsAt) {

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

  /** With the offset, because an hour may come twice in a zone. */
  private static String clock(ZonedDateTime start) {
    return start.toLocalDateTime() + start.getOffset().getId();
  }
}
