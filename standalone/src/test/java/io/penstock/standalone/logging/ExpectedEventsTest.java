package io.penstock.standalone.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Instant;
import java.util.Set;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.apache.kafka.streams.processor.TaskId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ExpectedEventsTest {

  private static final String STREAMS = "org.apache.kafka.streams.processor.internals.";
  private static final String LEADERS =
      "org.apache.kafka.clients.admin.internals.PartitionLeaderStrategy";
  private static final Instant NOW = Instant.parse("2026-03-14T12:00:00Z");

  private final ExpectedEvents filter = new ExpectedEvents();

  @Test
  void aStoreWithoutACheckpointIsExpected() {
    var event =
        event(
            STREAMS + "ProcessorStateManager",
            "State store charges did not find checkpoint offsets while stores are not empty, since"
                + " …",
            null,
            NOW);

    assertThat(filter.decide(event)).isEqualTo(FilterReply.DENY);
  }

  @Test
  void aTaskThatIsFoundOutToBeCorruptedAtStartIsExpected() {
    var event = event(STREAMS + "TaskManager", "Encounter corrupted task 0_2", atStart(), NOW);

    assertThat(filter.decide(event)).isEqualTo(FilterReply.DENY);
  }

  @Test
  void theListOfCorruptedTasksIsExpected() {
    var one = "org.apache.kafka.streams.errors.TaskCorruptedException: Tasks [0_2] are corrupted";
    var other = "org.apache.kafka.streams.errors.StreamsException: no";

    assertThat(filter.decide(list("{0_2=" + one + ", 0_3=" + one + "}")))
        .isEqualTo(FilterReply.DENY);
    assertThat(filter.decide(list("{0_2=" + one + ", 0_3=" + other + "}")))
        .isEqualTo(FilterReply.NEUTRAL);
  }

  @Test
  void aTaskThatIsCorruptedWhileItRunsStays() {
    var corrupted = new TaskCorruptedException(Set.of(new TaskId(0, 2)));
    var event = event(STREAMS + "TaskManager", "Encounter corrupted task 0_2", corrupted, NOW);

    assertThat(filter.decide(event)).isEqualTo(FilterReply.NEUTRAL);
  }

  @Test
  void anyOtherFailureOfAStreamThreadStays() {
    var event = event(STREAMS + "StreamThread", "failed", new TimeoutException("no"), NOW);

    assertThat(filter.decide(event)).isEqualTo(FilterReply.NEUTRAL);
  }

  @Test
  void aTransactionThatFollowsCloselyIsExpectedUntilItIsStuck() {
    assertThat(filter.decide(refused(2_147_483_646, "CONCURRENT_TRANSACTIONS")))
        .isEqualTo(FilterReply.DENY);
    assertThat(filter.decide(refused(2_147_483_600, "CONCURRENT_TRANSACTIONS")))
        .isEqualTo(FilterReply.NEUTRAL);
    assertThat(filter.decide(refused(2_147_483_646, "NOT_ENOUGH_REPLICAS")))
        .isEqualTo(FilterReply.NEUTRAL);
  }

  private static LoggingEvent refused(int attemptsLeft, String error) {
    return event(
        "org.apache.kafka.clients.producer.internals.Sender",
        "[Producer clientId=a] Got error produce response with correlation id 48 on topic-partition"
            + " penstock.usage-1, retrying ("
            + attemptsLeft
            + " attempts left). Error: "
            + error,
        null,
        NOW);
  }

  @Test
  void aChangelogThatIsNotKnownYetIsExpectedForFiveSecondsAndThenToldOfAgain() {
    assertThat(filter.decide(unknown("penstock.a-changelog", NOW))).isEqualTo(FilterReply.DENY);
    assertThat(filter.decide(unknown("penstock.a-changelog", NOW.plusSeconds(4))))
        .isEqualTo(FilterReply.DENY);
    assertThat(filter.decide(unknown("penstock.a-changelog", NOW.plusSeconds(5))))
        .isEqualTo(FilterReply.NEUTRAL);
  }

  @Test
  void anyOtherTopicThatIsNotKnownStays() {
    assertThat(filter.decide(unknown("penstock.usage", NOW))).isEqualTo(FilterReply.NEUTRAL);
  }

  @Test
  void aPortThatIsTakenIsToldByWhoWantsIt() {
    var server = "io.helidon.webserver.LoomServer";

    assertThat(filter.decide(event(server, "Failed to start listener: /127.0.0.1:1", null, NOW)))
        .isEqualTo(FilterReply.DENY);
    assertThat(
            filter.decide(
                event(server, "Helidon WebServer failed to start, shutting down", null, NOW)))
        .isEqualTo(FilterReply.DENY);
    assertThat(filter.decide(event(server, "anything else", null, NOW)))
        .isEqualTo(FilterReply.NEUTRAL);
  }

  /** As Streams throws it, from a method of this name. */
  private static TaskCorruptedException atStart() {
    return initializeStoreOffsets();
  }

  private static TaskCorruptedException initializeStoreOffsets() {
    return new TaskCorruptedException(Set.of(new TaskId(0, 2)));
  }

  private static LoggingEvent list(String tasks) {
    return event(
        STREAMS + "TaskManager", "Get exceptions for the following tasks: " + tasks, null, NOW);
  }

  private static LoggingEvent unknown(String topic, Instant at) {
    return event(
        LEADERS,
        "Received unknown topic error for topic " + topic,
        new UnknownTopicOrPartitionException("no"),
        at);
  }

  private static LoggingEvent event(
      String logger, String message, @Nullable Throwable thrown, Instant at) {
    var event =
        new LoggingEvent(
            "", new LoggerContext().getLogger(logger), Level.WARN, message, thrown, null);
    event.setInstant(at);
    return event;
  }
}
