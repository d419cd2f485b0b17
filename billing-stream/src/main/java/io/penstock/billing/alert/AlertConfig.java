package io.penstock.billing.alert;

import io.penstock.platform.config.Section;
import java.time.Duration;

/**
 * How organisations are told.
 *
 * @param enabled false tells nobody
 * @param loopbackAllowed whether endpoints may be on this machine, and then without TLS
 * @param timeout of one attempt
 */
public record AlertConfig(boolean enabled, boolean loopbackAllowed, Duration timeout) {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** Reads the section; errors are left in it for {@link Section#finish}. */
  public static AlertConfig of(Section section) {
    return new AlertConfig(
        section.flag("enabled", true),
        section.flag("allow-loopback", false),
        section.duration("timeout", TIMEOUT));
  }
}
