package io.penstock.worker.dialect;

/** A call that cannot be spoken in the pool's dialect; no call was made. */
public final class UnsupportedCallException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public UnsupportedCallException(String message) {
    super(message);
  }

  public UnsupportedCallException(String message, Throwable cause) {
    super(message, cause);
  }
}
