package io.penstock.platform.http;

/** How a service words an error. Thread-safe. */
@FunctionalInterface
public interface ErrorBody {

  /**
   * The body of an error answer.
   *
   * @param status HTTP status
   * @param path of the request; empty when it could not be read
   * @param message for the caller
   * @return JSON
   */
  byte[] json(int status, String path, String message);
}
