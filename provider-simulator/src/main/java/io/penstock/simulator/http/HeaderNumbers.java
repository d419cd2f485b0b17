package io.penstock.simulator.http;

import io.helidon.http.HeaderName;
import io.helidon.webserver.http.ServerRequest;
import java.util.Optional;

/** Small numbers in headers. */
final class HeaderNumbers {
  private HeaderNumbers() {}

  /** The number; 0 for what is none, empty for no header. */
  static Optional<Integer> of(ServerRequest request, HeaderName name) {
    return request.headers().first(name).map(HeaderNumbers::number);
  }

  private static int number(String text) {
    return text.length() <= 9 && !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Integer.parseInt(text)
        : 0;
  }
}
