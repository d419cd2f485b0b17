package io.penstock.billing;

import io.penstock.billing.alert.AlertConfig;
import io.penstock.billing.ledger.BillingPeriods;
import io.penstock.billing.stream.BookingLimits;
import io.penstock.billing.stream.BookingLimits.RollUpRetention;
import io.penstock.platform.config.Section;
import io.penstock.platform.http.Advertised;
import java.time.Duration;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;

/**
 * Configuration of billing.
 *
 * @param limits how much is kept, and how often balances are published
 * @param commitInterval how often bookings become visible to readers of the topics
 * @param cacheBytes of changes kept back until a commit, so that what changes often is written once
 * @param alerts how organisations are told of what happened to their money
 * @param server an HTTP server of its own; null when another process part serves the routes
 */
public record BillingConfig(
    BookingLimits limits,
    Duration commitInterval,
    long cacheBytes,
    AlertConfig alerts,
    @Nullable Server server) {

  /** What comes later is too late to be booked, so that nothing can be booked twice. */
  private static final Duration SEEN_RETENTION = BillingPeriods.LATE_MAX.plusDays(1);

  private static final long JOURNAL_ENTRIES_MAX = 10_000;
  private static final Duration BALANCES_EVERY = Duration.ofMillis(500);
  private static final Duration PERIOD_GRACE = Duration.ofHours(72);
  private static final Duration COMMIT_INTERVAL = Duration.ofMillis(250);
  private static final long CACHE_BYTES = 8 << 20;
  private static final int PORT = 8084;

  /**
   * Where billing serves HTTP by itself.
   *
   * @param host address to listen on
   * @param port 0 for any free one
   * @param advertised where other instances reach this one
   */
  public record Server(String host, int port, HostInfo advertised) {}

  /** Without a server of its own. */
  public static BillingConfig byDefault() {
    return of(Section.empty());
  }

  /** Reads the section of billing; errors are left in it for {@link Section#finish}. */
  public static BillingConfig of(Section section) {
    var ledger = section.section("ledger");
    var rollUps = section.section("roll-ups");
    var limits =
        new BookingLimits(
            ledger.duration("seen-retention", SEEN_RETENTION),
            ledger.number("journal-entries-max", JOURNAL_ENTRIES_MAX, 1, 100_000_000),
            ledger.duration("balances-every", BALANCES_EVERY),
            ledger.duration("period-grace", PERIOD_GRACE),
            new RollUpRetention(
                rollUps.duration("minutes", RollUpRetention.BY_DEFAULT.minutes()),
                rollUps.duration("hours", RollUpRetention.BY_DEFAULT.hours()),
                rollUps.duration("days", RollUpRetention.BY_DEFAULT.days())));
    var stream = section.section("stream");
    Server server = null;
    if (section.has("http")) {
      var http = section.section("http");
      var host = http.text("host", "127.0.0.1");
      var port = (int) http.number("port", PORT, 0, 65_535);
      server = new Server(host, port, Advertised.of(http, host, port));
    }
    return new BillingConfig(
        limits,
        stream.duration("commit-interval", COMMIT_INTERVAL),
        stream.size("cache-size", CACHE_BYTES),
        AlertConfig.of(section.section("alerts")),
        server);
  }
}
