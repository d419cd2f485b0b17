package io.penstock.ingress.files;

import io.penstock.ingress.http.ApiException;
import io.penstock.schemas.ErrorCode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The fields around an uploaded file. Used once, by one thread. */
final class UploadForm {

  static final int FIELD_BYTES_MAX = 1 << 10;

  private static final Duration BATCH_LIFE = Duration.ofDays(30);
  private static final long LIFE_SECONDS_MIN = 3_600;
  private static final long LIFE_SECONDS_MAX = 2_592_000;

  private @Nullable String purpose;
  private @Nullable String anchor;
  private @Nullable Long seconds;

  /** Takes a field; one that nobody knows is ignored, as client libraries add their own. */
  void field(String name, String value) {
    switch (name) {
      case "purpose" -> purpose = checkedPurpose(value);
      case "expires_after[anchor]" -> anchor = value;
      case "expires_after[seconds]" -> seconds = checkedSeconds(value);
      default -> {}
    }
  }

  /**
   * Checks, when all has been read, that it is all that a file needs.
   *
   * @throws ApiException when something is missing
   */
  void check() {
    purpose();
    life();
  }

  /** Whether the purpose is known to be batch by now. */
  boolean isBatch() {
    return Purpose.BATCH.equals(purpose);
  }

  /**
   * The purpose, when all has been read.
   *
   * @throws ApiException when none was given
   */
  String purpose() {
    if (purpose == null) {
      throw new ApiException(
          ErrorCode.MISSING_REQUIRED_PARAMETER,
          "purpose",
          "Missing required parameter: 'purpose'.");
    }
    return purpose;
  }

  /**
   * How long the file stays, when all has been read; null for ever.
   *
   * @throws ApiException when only half of it was given
   */
  @Nullable Duration life() {
    if (anchor != null && !anchor.equals("created_at")) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST,
          "expires_after.anchor",
          "'expires_after.anchor' must be 'created_at'.");
    }
    if (seconds != null && anchor == null) {
      throw missing("expires_after.anchor");
    }
    if (anchor != null && seconds == null) {
      throw missing("expires_after.seconds");
    }
    if (seconds != null) {
      return Duration.ofSeconds(seconds);
    }
    return isBatch() ? BATCH_LIFE : null;
  }

  private static String checkedPurpose(String value) {
    if (!Purpose.GIVEN.contains(value)) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST,
          "purpose",
          "'purpose' must be one of " + String.join(", ", Purpose.GIVEN) + ".");
    }
    return value;
  }

  private static long checkedSeconds(String value) {
    try {
      var seconds = Long.parseLong(value);
      if (seconds >= LIFE_SECONDS_MIN && seconds <= LIFE_SECONDS_MAX) {
        return seconds;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message for both
    }
    throw new ApiException(
        ErrorCode.INVALID_REQUEST,
        "expires_after.seconds",
        "'expires_after.seconds' must be a whole number from "
            + LIFE_SECONDS_MIN
            + " to "
            + LIFE_SECONDS_MAX
            + ".");
  }

  private static ApiException missing(String param) {
    return new ApiException(
        ErrorCode.MISSING_REQUIRED_PARAMETER,
        param,
        "Missing required parameter: '" + param + "'.");
  }
}
