package io.penstock.ingress.files;

import java.io.IOException;

/** A multipart body is malformed, or beyond a limit; the message is for the caller. */
final class MultipartException extends IOException {

  private static final long serialVersionUID = 1L;

  MultipartException(String message) {
    super(message);
  }
}
