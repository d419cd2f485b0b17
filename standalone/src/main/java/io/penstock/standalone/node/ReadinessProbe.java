package io.penstock.standalone.node;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.function.BooleanSupplier;

/** Asks an address for {@code /health/ready}, as anybody outside would. */
record ReadinessProbe(URI url) implements BooleanSupplier {

  private static final int TIMEOUT_MS = 2000;

  @Override
  public boolean getAsBoolean() {
    try {
      var connection = (HttpURLConnection) url.resolve("/health/ready").toURL().openConnection();
      connection.setConnectTimeout(TIMEOUT_MS);
      connection.setReadTimeout(TIMEOUT_MS);
      return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
    } catch (IOException e) {
      return false;
    }
  }
}
