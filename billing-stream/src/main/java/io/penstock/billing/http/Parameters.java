package io.penstock.billing.http;

import io.helidon.webserver.http.ServerRequest;
import io.penstock.billing.report.Dimension;
import io.penstock.schemas.ErrorCode;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/** Reads query parameters, each within its limits. */
final class Parameters {

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
              name, name + " must be a list of different names out of day, key, model, pool.");
        }
        dimensions.add(dimension);
      }
    }
    return dimensions;
  }

  static Refusal invalid(String name, String text) {
    return new Refusal(ErrorCode.INVALID_REQUEST, name, text);
  }
}
