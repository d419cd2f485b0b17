package io.penstock.standalone.data;

import org.jspecify.annotations.Nullable;

/**
 * A start that cannot succeed; the message is for the person at the terminal and says what to do
 * next.
 */
public final class StartupException extends RuntimeException {
  public StartupException(String message) {
    super(message);
  }

  public StartupException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
