package io.penstock.billing.http;

import io.penstock.schemas.ErrorCode;
import org.jspecify.annotations.Nullable;

/** A request that is answered with an error. */
final class Refusal extends Exception {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final @Nullable String param;
  private final String text;

  /**
   * @param param the query parameter at fault; null when it is none
   * @param text for people
   */
  Refusal(ErrorCode code, @Nullable String param, String text) {
    super(text, null, false, false);
    this.code = code;
    this.param = param;
    this.text = text;
  }

  ErrorCode code() {
    return code;
  }

  @Nullable String param() {
    return param;
  }

  String text() {
    return text;
  }
}
