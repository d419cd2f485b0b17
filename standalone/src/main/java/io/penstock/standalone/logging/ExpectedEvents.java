package io.penstock.standalone.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out what Kafka writes as warnings and errors although it is in order, by what it is about
 * and not by who writes it:
 *
 * <ul>
 *   <li>the rebuild of stores that were open when the process was killed, some 200 lines, of which
 *       our own log tells in one. The same exceptions for any other reason stay;
 *   <li>the question for a changelog that has just been made and that the broker does not know yet;
 *       it is asked again after milliseconds. If it goes on for longer, it stays.
 *   <li>a transaction that is begun while the broker still ends the one before it: the producer
 *       asks again after milliseconds. The twentieth time it stays.
 *   <li>the stack of an HTTP server whose port is taken, which its starter tells in one sentence.
 * </ul>
 *
 * Thread-safe.
 */
public final class ExpectedEvents extends Filter<ILoggingEvent> {

  private static final String STREAMS = "org.apache.kafka.streams.processor.internals.";
  private static final String LEADERS =
      "org.apache.kafka.clients.admin.internals.PartitionLeaderStrategy";
  private static final String PRODUCER = "org.apache.kafka.clients.producer.internals.Sender";
  private static final String SERVER = "io.helidon.webserver.LoomServer";
  private static final String CORRUPTED = "org.apache.kafka.streams.errors.TaskCorruptedException";
  private static final String UNKNOWN_TOPIC =
      "org.apache.kafka.common.errors.UnknownTopicOrPartitionException";

  /** Where Streams finds at start that stores have no checkpoint. */
  private static final Set<String> AT_START =
      Set.of("initializeStoreOffsets", "addTasksToStateUpdater");

  /** What {@code retries} is unless told, and what the producer counts down from. */
  private static final Pattern ATTEMPTS_LEFT =
      Pattern.compile("retrying \\((\\d{1,10}) attempts left\\)\\. Error: CONCURRENT_TRANSACTIONS");

  private static final int RETRIES_EXPECTED = 20;
  private static final long NEW_TOPIC_MILLIS = Duration.ofSeconds(5).toMillis();

  private long unknownSince = Long.MIN_VALUE;

  @Override
  public FilterReply decide(ILoggingEvent event) {
    var logger = event.getLoggerName();
    var expected =
        logger.startsWith(STREAMS)
            ? rebuild(event)
            : logger.equals(LEADERS)
                ? newTopic(event)
                : logger.equals(PRODUCER)
                    ? transactionEnding(event)
                    : logger.equals(SERVER)
                        && event.getFormattedMessage().contains("ailed to start");
    return expected ? FilterReply.DENY : FilterReply.NEUTRAL;
  }

  private static boolean rebuild(ILoggingEvent event) {
    var thrown = event.getThrowableProxy();
    if (thrown != null) {
      return thrown.getClassName().equals(CORRUPTED)
          && thrown.getCause() == null
          && atStart(thrown);
    }
    var message = event.getFormattedMessage();
    return message.contains("did not find checkpoint offsets while stores are not empty")
        || (message.contains("Get exceptions for the following tasks")
            && !message.replace(CORRUPTED, "").contains("Exception"));
  }

  private static boolean atStart(IThrowableProxy thrown) {
    return Arrays.stream(thrown.getStackTraceElementProxyArray())
        .anyMatch(frame -> AT_START.contains(frame.getStackTraceElement().getMethodName()));
  }

  private boolean newTopic(ILoggingEvent event) {
    return unknown(event.getThrowableProxy())
        && event.getFormattedMessage().contains("-changelog")
        && withinStart(event.getTimeStamp());
  }

  private static boolean transactionEnding(ILoggingEvent event) {
    var retrying = ATTEMPTS_LEFT.matcher(event.getFormattedMessage());
    return retrying.find()
        && Long.parseLong(retrying.group(1)) > Integer.MAX_VALUE - RETRIES_EXPECTED;
  }

  private static boolean unknown(@Nullable IThrowableProxy thrown) {
    return thrown != null && thrown.getClassName().equals(UNKNOWN_TOPIC);
  }

  /** Lets one through in every such time when there is no end of them. */
  private synchronized boolean withinStart(long now) {
    if (unknownSince == Long.MIN_VALUE) {
      unknownSince = now;
    }
    if (now - unknownSince < NEW_TOPIC_MILLIS) {
      return true;
    }
    unknownSince = now;
    return false;
  }
}
