package io.penstock.billing.alert;

import static io.penstock.billing.alert.AlertTest.audit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.platform.catalog.Catalog;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AuditRecorded;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.WebhookDue;
import io.penstock.schemas.avro.WebhookEndpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerts against a real HTTP server on loopback. */
final class AlertDeliveryTest {

  private static final String TOPIC = "penstock.audit";
  private static final String SECRET = "a secret of more than 24 bytes";
  private static final Instant START = Instant.parse("2026-03-14T12:00:01Z");
  private static final Map<String, String> DETAILS = Map.of("percent", "80");

  @TempDir private Path directory;
  private final Receiver receiver = new Receiver();
  private final WebhookSender sender = new WebhookSender(true, Duration.ofSeconds(1));
  private final Map<String, CatalogEntry> entries = new ConcurrentHashMap<>();
  private KeyValueStore<String, WebhookDue> store;
  private Alerts alerts;

  @SuppressWarnings("NullAway.Init")
  AlertDeliveryTest() {}

  /** One start of the processor over a store that outlives it. */
  private final class Alerts {
    private final MockProcessorContext<String, AuditRecorded> context;
    private final AlertProcessor processor;
    private Instant now = START;
    private long offset;

    Alerts() {
      context = new MockProcessorContext<>(settings(), new TaskId(0, 0), directory.toFile());
      context.setCurrentSystemTimeMs(now.toEpochMilli());
      context.addStateStore(store);
      processor =
          new AlertProcessor(
              () -> new Catalog(entries), sender, ConcurrentHashMap.newKeySet(), new Random(1));
      processor.init(context);
    }

    void told(AuditRecorded record) {
      context.setRecordMetadata(TOPIC, 0, offset++);
      processor.process(
          new Record<>(record.getOrganization(), record, record.getAt().toEpochMilli()));
      look();
    }

    void look() {
      context.setCurrentSystemTimeMs(now.toEpochMilli());
      context.scheduledPunctuators().getFirst().getPunctuator().punctuate(now.toEpochMilli());
    }

    void after(Duration time) {
      now = now.plus(time);
      look();
    }

    /** What the processor wrote to {@code audit}. */
    List<String> actions() {
      return context.forwarded().stream()
          .map(forwarded -> forwarded.record().value().getAction())
          .toList();
    }
  }

  private Properties settings() {
    var settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "alerts");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    settings.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
    return settings;
  }

  @BeforeEach
  void start() throws IOException {
    Files.writeString(directory.resolve("secret"), SECRET);
    store =
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(AlertTopology.DELIVERIES),
                Serdes.String(),
                AlertTopology.deliveries())
            .withLoggingDisabled()
            .build();
    var context =
        new MockProcessorContext<String, AuditRecorded>(
            settings(), new TaskId(0, 0), directory.toFile());
    store.init(context.getStateStoreContext(), store);
    alerts = new Alerts();
  }

  @AfterEach
  void stop() {
    receiver.close();
    sender.close();
  }

  private WebhookEndpoint endpoint(String id, String url, String... events) {
    return WebhookEndpoint.newBuilder()
        .setId(id)
        .setUrl(url)
        .setSecret("file:" + directory.resolve("secret"))
        .setEvents(List.of(events))
        .build();
  }

  private void organization(String id, WebhookEndpoint... endpoints) {
    entries.put(
        "organization/" + id,
        new CatalogEntry(
            "organization",
            id,
            1L,
            null,
            START,
            OrganizationEntry.newBuilder()
                .setId(id)
                .setName(id)
                .setWebhooks(List.of(endpoints))
                .build()));
  }

  private boolean pending() {
    try (var all = store.all()) {
      return all.hasNext();
    }
  }

  private void awaitDone() {
    await()
        .untilAsserted(
            () -> {
              alerts.look();
              assertThat(pending()).isFalse();
            });
  }

  @Test
  void anAlertIsDeliveredSignedWithTheEndpointsSecret() throws Exception {
    organization("acme", endpoint("ops", receiver.url("/ops")));

    alerts.told(audit("acme", "budget.threshold", DETAILS));
    awaitDone();

    assertThat(receiver.deliveries).hasSize(1);
    var delivery = receiver.deliveries.getFirst();
    assertThat(delivery.isSignedWith(SECRET.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isTrue();
    assertThat(delivery.timestamp()).isEqualTo(Long.toString(START.getEpochSecond()));
    assertThat(new String(delivery.body(), java.nio.charset.StandardCharsets.UTF_8))
        .contains("\"type\":\"budget.threshold\"", "\"percent\":\"80\"");
  }

  @Test
  void anEndpointHearsOnlyOfItsOwnOrganisationAndOfTheEventsThatItWants() {
    organization(
        "acme",
        endpoint("all", receiver.url("/all")),
        endpoint("late", receiver.url("/late"), "settlement.late"));
    organization("globex", endpoint("theirs", receiver.url("/theirs")));

    alerts.told(audit("acme", "budget.overage", DETAILS));
    alerts.told(audit("acme", "settlement.late", DETAILS));
    alerts.told(audit("acme", "catalog.apply", DETAILS));
    awaitDone();

    assertThat(receiver.at("/all")).hasSize(2);
    assertThat(receiver.at("/late")).hasSize(1);
    assertThat(receiver.at("/theirs")).isEmpty();
  }

  @Test
  void aFailureIsTriedAgainLaterUnderTheSameIdAndANewTimestamp() {
    organization("acme", endpoint("ops", receiver.url("/ops")));
    receiver.statuses.put("/ops", 500);
    alerts.told(audit("acme", "budget.threshold", DETAILS));
    awaitAttempt(2);
    assertThat(receiver.deliveries).hasSize(1);
    receiver.statuses.put("/ops", 204);

    alerts.after(Duration.ofSeconds(6));
    awaitDone();

    assertThat(receiver.deliveries).hasSize(2);
    assertThat(receiver.deliveries)
        .extracting(Receiver.Delivery::id)
        .containsOnly(receiver.deliveries.getFirst().id());
    assertThat(receiver.deliveries.getLast().timestamp())
        .isEqualTo(Long.toString(START.getEpochSecond() + 6));
  }

  private void awaitAttempt(int attempt) {
    await()
        .untilAsserted(
            () -> {
              alerts.look();
              try (var all = store.all()) {
                assertThat(all.next().value.getAttempt()).isEqualTo(attempt);
              }
            });
  }

  @Test
  void aRestartDeliversWhatWasNotDoneUnderTheSameId() {
    organization("acme", endpoint("ops", receiver.url("/ops")));
    receiver.statuses.put("/ops", 503);
    alerts.told(audit("acme", "budget.threshold", DETAILS));
    awaitAttempt(2);
    receiver.statuses.remove("/ops");

    alerts = new Alerts();
    alerts.told(audit("acme", "budget.threshold", DETAILS));
    alerts.after(Duration.ofSeconds(6));
    awaitDone();

    assertThat(receiver.deliveries)
        .as("and the record that was read again is no second event")
        .hasSize(2)
        .extracting(Receiver.Delivery::id)
        .containsOnly(receiver.deliveries.getFirst().id());
  }

  @Test
  void anEndpointThatIsGoneHearsNothingMoreAndThatIsAudited() {
    organization(
        "acme", endpoint("gone", receiver.url("/gone")), endpoint("ops", receiver.url("/ops")));
    receiver.statuses.put("/gone", 410);
    alerts.told(audit("acme", "budget.threshold", DETAILS));
    awaitDone();

    alerts.told(audit("acme", "budget.threshold", DETAILS));
    awaitDone();

    assertThat(receiver.at("/gone")).hasSize(1);
    assertThat(receiver.at("/ops")).hasSize(2);
    assertThat(alerts.actions()).containsExactly("webhook.disabled");
  }

  @Test
  void aRedirectIsAFailureAndNotFollowed() {
    organization("acme", endpoint("ops", receiver.url("/ops")));
    receiver.statuses.put("/ops", 307);

    alerts.told(audit("acme", "budget.threshold", DETAILS));
    awaitAttempt(2);

    assertThat(receiver.at("/redirected")).isEmpty();
  }

  @Test
  void anEndpointThatDoesNotAnswerHoldsUpNobodyElse() {
    organization(
        "acme", endpoint("silent", receiver.url("/silent")), endpoint("ops", receiver.url("/ops")));
    for (int i = 0; i < 10; i++) {
      alerts.told(audit("acme", "budget.threshold", DETAILS));
    }

    await()
        .untilAsserted(
            () -> {
              alerts.look();
              assertThat(receiver.at("/ops")).hasSize(10);
            });
    assertThat(receiver.at("/silent")).hasSizeLessThan(10);
    awaitAttemptOfSome(2);
  }

  private void awaitAttemptOfSome(int attempt) {
    await()
        .untilAsserted(
            () -> {
              alerts.look();
              var attempts = new HashMap<Integer, Integer>();
              try (var all = store.all()) {
                all.forEachRemaining(
                    due -> attempts.merge(due.value.getAttempt(), 1, Integer::sum));
              }
              assertThat(attempts).containsKey(attempt);
            });
  }

  @Test
  void whatIsTriedInVainForThreeDaysIsGivenUpAndAudited() {
    organization("acme", endpoint("ops", receiver.url("/ops")));
    receiver.statuses.put("/ops", 500);
    alerts.told(audit("acme", "budget.threshold", DETAILS));
    for (int attempt = 2; attempt <= 10; attempt++) {
      awaitAttempt(attempt);
      alerts.after(Duration.ofHours(30));
    }

    awaitDone();

    assertThat(receiver.deliveries).hasSize(10);
    assertThat(alerts.actions()).containsExactly("webhook.abandoned");
  }

  @Test
  void anEndpointThatWasRemovedIsNotCalledAnyMore() {
    organization("acme", endpoint("ops", receiver.url("/ops")));
    receiver.statuses.put("/ops", 500);
    alerts.told(audit("acme", "budget.threshold", DETAILS));
    awaitAttempt(2);

    organization("acme");
    alerts.after(Duration.ofMinutes(1));

    assertThat(pending()).isFalse();
    assertThat(receiver.deliveries).hasSize(1);
  }

  @Test
  void anOldRecordIsNoNews() {
    organization("acme", endpoint("ops", receiver.url("/ops")));
    alerts.now = START.plus(Duration.ofDays(4));
    alerts.look();

    alerts.told(audit("acme", "budget.threshold", DETAILS));

    assertThat(pending()).isFalse();
  }

  @Test
  void withoutLeaveNothingOnThisMachineIsCalled() throws IOException {
    try (var strict = new WebhookSender(false, Duration.ofSeconds(1))) {
      var secret = "file:" + directory.resolve("secret");
      for (var url :
          List.of(
              receiver.url("/ops"),
              receiver.url("/ops").replace("http:", "https:"),
              "https://user@127.0.0.1/",
              "https://[::ffff:127.0.0.1]:1/",
              "http://localhost/",
              "file:///etc/passwd",
              "nonsense")) {
        assertThat(strict.send("evt_1", new byte[] {'{', '}'}, url, secret, START))
            .as(url)
            .isEqualTo(
                new Outcome.Failed("the address of the endpoint is not allowed", null, false));
      }
      assertThat(strict.send("evt_1", new byte[0], "https://1.1.1.1/", "plain secret", START))
          .isEqualTo(
              new Outcome.Failed(
                  "the endpoint cannot be used: a secret is given as env:NAME or file:PATH, never by itself",
                  null,
                  false));
    }
    assertThat(receiver.deliveries).isEmpty();
  }

  @Test
  void theTopologyReadsAuditAndWritesAudit() {
    organization("acme", endpoint("gone", receiver.url("/gone")));
    receiver.statuses.put("/gone", 410);
    var topics = new Topics(Topics.DEFAULT_PREFIX);
    var serdes = RecordSerdes.inMemory("alerts");
    var topology =
        AlertTopology.of(topics, serdes, () -> new Catalog(entries), sender, new Random(1));
    try (var driver = new TopologyTestDriver(topology, settings(), START)) {
      var audit =
          driver.createInputTopic(
              topics.audit(), Serdes.String().serializer(), serdes.<AuditRecorded>serializer());
      var told =
          driver.createOutputTopic(
              topics.audit(),
              Serdes.String().deserializer(),
              serdes.deserializer(AuditRecorded.class));

      audit.pipeInput("acme", audit("acme", "budget.threshold", DETAILS));

      await()
          .untilAsserted(
              () -> {
                driver.advanceWallClockTime(AlertProcessor.LOOK_EVERY);
                assertThat(told.isEmpty()).isFalse();
              });
      var record = told.readKeyValue();
      assertThat(record.key).isEqualTo("acme");
      assertThat(record.value.getAction()).isEqualTo("webhook.disabled");
      assertThat(record.value.getSubject()).isEqualTo("gone");
    }
  }
}
