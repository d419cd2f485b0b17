package io.penstock.platform.telemetry;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import org.slf4j.LoggerFactory;

/**
 * Hands what libraries write with {@code java.util.logging} to SLF4J, so that there is one format
 * and one configuration of levels.
 */
public final class JavaLogging {

  private JavaLogging() {}

  /** Replaces the handlers of the root logger; a second call changes nothing. */
  public static void route() {
    var root = LogManager.getLogManager().getLogger("");
    if (root == null) {
      return;
    }
    for (var handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    root.addHandler(new ToSlf4j());
  }

  private static final class ToSlf4j extends Handler {

    @Override
    public void publish(LogRecord record) {
      var name = record.getLoggerName();
      var logger = LoggerFactory.getLogger(name == null ? "java.util.logging" : name);
      logger
          .atLevel(level(record.getLevel()))
          .setCause(record.getThrown())
          .log(new java.util.logging.SimpleFormatter().formatMessage(record));
    }

    private static org.slf4j.event.Level level(Level level) {
      if (level.intValue() >= Level.SEVERE.intValue()) {
        return org.slf4j.event.Level.ERROR;
      }
      if (level.intValue() >= Level.WARNING.intValue()) {
        return org.slf4j.event.Level.WARN;
      }
      return level.intValue() >= Level.INFO.intValue()
          ? org.slf4j.event.Level.INFO
          : org.slf4j.event.Level.DEBUG;
    }

    @Override
    public void flush() {
      // nothing is kept back
    }

    @Override
    public void close() {
      // nothing is open
    }
  }
}
