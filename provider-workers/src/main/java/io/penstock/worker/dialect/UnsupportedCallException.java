package io.penstock.worker.dialect;

import org.jspecify.annotations.Nullable;

/** A call that cannot be spoken in the pool's dialect; no call was made. */
public final class UnsupportedCallException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final @Nullable String parameter;

  public UnsupportedCallException(String message) {
    super(message);
    this.parameter = null;
  }

  public UnsupportedCallException(String message, Throwable cause) {
    super(message, cause);
    this.parameter = null;
  }

  private UnsupportedCallException(String message, @Nullable String parameter) {
    super(message);
    this.parameter = parameter;
  }

  /** One parameter that has no counterpart. */
  public static UnsupportedCallException of(String parameter, String dialect) {
    return new UnsupportedCallException(
        "The parameter '"
            + parameter
            + "' cannot be expressed for a provider of the dialect '"
            + dialect
            + "'.",
        parameter);
  }

  /** One parameter, or value of it, that only providers of the caller's own language understand. */
  public static UnsupportedCallException untranslatable(String parameter) {
    return new UnsupportedCallException(
        "The parameter '" + parameter + "' cannot be translated for this provider.", parameter);
  }

  /** The caller's name of the parameter that is at fault; null when it is not a single one. */
  public @Nullable String parameter() {
    return parameter;
  }
}
