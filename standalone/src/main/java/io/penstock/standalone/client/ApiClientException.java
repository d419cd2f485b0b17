package io.penstock.standalone.client;

/** The server refused, or could not be reached; the message is fit to be shown as it is. */
public final class ApiClientException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ApiClientException(String message) {
    super(message);
  }
}
