package io.penstock.simulator.http;

import java.io.IOException;

/** The client hung up while it was waiting. */
final class ClientGone extends IOException {
  private static final long serialVersionUID = 1;

  ClientGone() {
    super("the client is gone");
  }
}
