package io.penstock.billing.report;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The buckets of one page of a report.
 *
 * @param starts in order; without gaps
 * @param end of the last one
 * @param next cursor of the next page; null on the last
 */
public record BucketPage(List<Instant> starts, Instant end, @Nullable String next) {

  private static final String CURSOR = "page_";

  /**
   * Buckets from a start (or where a cursor says) until an end, at most so many.
   *
   * @param cursor of the page before; null for the first page
   * @throws IllegalArgumentException when the cursor is none of ours
   */
  public static BucketPage of(
      BucketWidth width, Instant from, Instant to, int limit, @Nullable String cursor) {
    var starts = new ArrayList<Instant>();
    var start = width.start(cursor == null ? from : parse(cursor));
    while (starts.size() < limit && start.isBefore(to)) {
      starts.add(start);
      start = start.plus(width.length());
    }
    return new BucketPage(
        List.copyOf(starts), start, start.isBefore(to) && !starts.isEmpty() ? write(start) : null);
  }

  private static String write(Instant start) {
    var text = Long.toString(start.getEpochSecond());
    return CURSOR
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static Instant parse(String cursor) {
    if (!cursor.startsWith(CURSOR)) {
      throw new IllegalArgumentException("not a cursor: " + cursor);
    }
    var text = Base64.getUrlDecoder().decode(cursor.substring(CURSOR.length()));
    var second = Long.parseLong(new String(text, StandardCharsets.US_ASCII));
    if (second < 0 || second > 253_402_300_799L) {
      throw new IllegalArgumentException("not a cursor: " + cursor);
    }
    return Instant.ofEpochSecond(second);
  }
}
