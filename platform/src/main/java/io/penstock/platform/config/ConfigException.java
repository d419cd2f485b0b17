package io.penstock.platform.config;

import java.util.List;

/** The configuration is wrong; the message holds every error, one a line. */
public final class ConfigException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ConfigException(String error) {
    super(error);
  }

  ConfigException(List<String> errors) {
    super(String.join("\n", errors));
  }
}
