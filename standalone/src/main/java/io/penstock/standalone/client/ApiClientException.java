package io.penstock.standalone.client;

/** The server refused, or could not be reached; the message is fit to be shown as it is. */
public final class ApiClientException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What asking again may bring. */
  public enum Again {
    /** The same answer. */
    USELESS,
    /** Another answer, once the server is back. */
    LATER
  }

  private final Again again;

  public ApiClientException(String message) {
    this(message, Again.USELESS);
  }

  ApiClientException(String message, Again again) {
    super(message);
    this.again = again;
  }

  public Again again() {
    return again;
  }
}
