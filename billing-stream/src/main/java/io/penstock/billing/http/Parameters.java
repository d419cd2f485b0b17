package io.penstock.billing.http;

import io.helidon.webserver.http.ServerRequest;
import io.penstock.billing.report.BucketWidth;
import io.penstock.billing.report.Dimension;
import io.penstock.billing.report.Filter;
import io.penstock.billing.report.Label;
import io.penstock.schemas.ErrorCode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads query parameters, each within its limits. */
final class Parameters {

  private static final long SECONDS_MAX = 253_402_300_799L;
  private static final int FIRST_YEAR = 1970;
  private static final int LAST_YEAR = 9998;

  private Parameters() {}

  /**
   * A whole number.
   *
   * @throws Refusal when it is none, or outside of its limits
   */
  static long number(ServerRequest request, String name, long byDefault, long least, long most)
      throws Refusal {
    var text = request.query().first(name).orElse("");
    if (text.isEmpty()) {
      return byDefault;
    }
    try {
      var number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message for both
    }
    throw invalid(name, name + " must be a whole number from " + least + " to " + most + ".");
  }

  /**
   * A day, such as {@code 2026-11-21}.
   *
   * @throws Refusal when it is none
   */
  static LocalDate day(ServerRequest request, String name, LocalDate byDefault) throws Refusal {
    var text = request.query().first(name).orElse("");
    if (text.isEmpty()) {
      return byDefault;
    }
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw invalid(name, name + " must be a day such as 2026-11-21.");
    }
  }

  /**
   * Dimensions, separated by commas or repeated.
   *
   * @throws Refusal when one does not exist, or is named twice
   */
  static List<Dimension> dimensions(ServerRequest request, String name, List<Dimension> byDefault)
      throws Refusal {
    if (!request.query().contains(name)) {
      return byDefault;
    }
    var dimensions = new ArrayList<Dimension>();
    for (var values : request.query().all(name)) {
      for (var value : values.split(",", -1)) {
        var dimension = Dimension.ofWire(value.strip());
        if (dimension == null || dimensions.contains(dimension)) {
          throw invalid(
              name,
              name
                  + " must be a list of different names out of "
                  + String.join(
                      ", ", Arrays.stream(Dimension.values()).map(Dimension::wire).toList())
                  + ".");
        }
        dimensions.add(dimension);
      }
    }
    return dimensions;
  }

  /**
   * A width of buckets.
   *
   * @throws Refusal when there is none of that name
   */
  static BucketWidth width(ServerRequest request, BucketWidth byDefault) throws Refusal {
    var text = request.query().first("bucket_width").orElse(byDefault.wire());
    var width = BucketWidth.ofWire(text);
    if (width == null) {
      throw invalid("bucket_width", "bucket_width must be one of 1m, 1h, 1d.");
    }
    return width;
  }

  /**
   * A time in seconds since 1970.
   *
   * @throws Refusal when it is none
   */
  static Instant second(ServerRequest request, String name, Instant byDefault) throws Refusal {
    return Instant.ofEpochSecond(number(request, name, byDefault.getEpochSecond(), 0, SECONDS_MAX));
  }

  /**
   * A month of a path, such as {@code 2026-11}.
   *
   * @throws Refusal when it is none
   */
  static YearMonth month(String text) throws Refusal {
    try {
      var month = YearMonth.parse(text);
      if (month.getYear() >= FIRST_YEAR && month.getYear() <= LAST_YEAR) {
        return month;
      }
    } catch (DateTimeParseException e) {
      // falls through to the one message for both
    }
    throw invalid("period", "The period must be a month such as 2026-11.");
  }

  /** All values of a parameter, as {@code name=a&name=b} or {@code name[]=a&name[]=b}. */
  static List<String> values(ServerRequest request, String name) {
    var values = new ArrayList<String>();
    for (var each : List.of(name, name + "[]")) {
      if (request.query().contains(each)) {
        values.addAll(request.query().all(each));
      }
    }
    return values;
  }

  /** What is named by the parameters that have the names of dimensions. */
  static Filter filter(ServerRequest request) {
    var filter = new EnumMap<Dimension, Set<String>>(Dimension.class);
    for (var dimension : Dimension.values()) {
      var values = values(request, dimension.wire());
      if (!values.isEmpty()) {
        filter.put(dimension, Set.copyOf(values));
      }
    }
    return new Filter(filter);
  }

  /**
   * The label that a report is about; null when it is about none.
   *
   * @throws Refusal when there are two, or one together with what is not known of it
   */
  static @Nullable Label label(List<Dimension> dimensions, Filter filter, BucketWidth width)
      throws Refusal {
    var all = new LinkedHashSet<>(dimensions);
    all.addAll(filter.values().keySet());
    Label label = null;
    for (var dimension : all) {
      var of = dimension.label();
      if (of != null && label != null) {
        throw invalid(
            "group_by", "Only one of end_user, tag, price_rule and flag can be in a report.");
      }
      label = of == null ? label : of;
    }
    if (label == null) {
      return null;
    }
    for (var dimension : all) {
      if (!dimension.isOfLabels()) {
        throw invalid(
            "group_by",
            "end_user, tag, price_rule and flag go together with bucket, day and model only.");
      }
    }
    if (width != BucketWidth.DAY) {
      throw invalid("bucket_width", "end_user, tag, price_rule and flag are summed by day only.");
    }
    return label;
  }

  static Refusal invalid(String name, String text) {
    return new Refusal(ErrorCode.INVALID_REQUEST, name, text);
  }
}
