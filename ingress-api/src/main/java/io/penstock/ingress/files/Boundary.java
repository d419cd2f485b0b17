package io.penstock.ingress.files;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The boundary of a multipart body (RFC 2046, 5.1.1), checked. */
record Boundary(String text) {

  private static final int LENGTH_MAX = 70;
  private static final String MARKS = "'()+_,-./:=? ";

  /**
   * The boundary that a {@code Content-Type} announces.
   *
   * @return null when the type is not {@code multipart/form-data}
   * @throws MultipartException when there is no usable boundary
   */
  static @Nullable Boundary of(String contentType) throws MultipartException {
    var end = contentType.indexOf(';');
    var type = (end < 0 ? contentType : contentType.substring(0, end)).strip();
    if (!type.equalsIgnoreCase("multipart/form-data")) {
      return null;
    }
    var boundary = HeaderParameters.parse(contentType).parameter("boundary");
    if (boundary == null || !usable(boundary)) {
      throw new MultipartException("the Content-Type has no usable boundary");
    }
    return new Boundary(boundary);
  }

  /** What stands between parts: line end, two dashes, boundary. */
  byte[] delimiter() {
    return ("\r\n--" + text).getBytes(StandardCharsets.US_ASCII);
  }

  private static boolean usable(String boundary) {
    return !boundary.isEmpty()
        && boundary.length() <= LENGTH_MAX
        && !boundary.endsWith(" ")
        && boundary.chars().allMatch(Boundary::isBoundaryCharacter);
  }

  private static boolean isBoundaryCharacter(int c) {
    return (c >= '0' && c <= '9')
        || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || MARKS.indexOf(c) >= 0;
  }
}
