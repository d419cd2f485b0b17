package io.penstock.billing.stream;

import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AuditRecorded;
import io.penstock.schemas.avro.BalanceChanged;
import io.penstock.schemas.avro.DeadLetter;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.UsageRecorded;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.LogAndFailProcessingExceptionHandler;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** The billing topology without a broker; its clocks stand still until told. */
public final class BillingHarness implements AutoCloseable {

  static final Instant START = Instant.parse("2026-03-15T00:00:01Z");
  static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);

  public static final BookingLimits LIMITS =
      new BookingLimits(
          Duration.ofDays(7),
          5,
          Duration.ofMillis(500),
          Duration.ofHours(72),
          BookingLimits.RollUpRetention.BY_DEFAULT);

  final TopologyTestDriver driver;
  final TestInputTopic<String, UsageRecorded> usage;
  final TestOutputTopic<String, LedgerEntryPosted> ledger;
  final TestOutputTopic<String, BalanceChanged> balances;
  public final TestOutputTopic<String, DeadLetter> deadLetters;
  public final TestOutputTopic<String, AuditRecorded> audit;
  public final StoreReader reader;

  public BillingHarness(Path stateDirectory) {
    var serdes = RecordSerdes.inMemory("billing");
    var configuration = new Properties();
    configuration.put(StreamsConfig.APPLICATION_ID_CONFIG, "billing");
    configuration.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
    configuration.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
        LogAndFailProcessingExceptionHandler.class);
    driver =
        new TopologyTestDriver(BillingTopology.of(TOPICS, serdes, LIMITS), configuration, START);
    usage =
        driver.createInputTopic(
            TOPICS.usage(),
            Serdes.String().serializer(),
            serdes.<UsageRecorded>serializer(),
            START,
            Duration.ZERO);
    ledger =
        driver.createOutputTopic(
            TOPICS.ledger(),
            Serdes.String().deserializer(),
            serdes.deserializer(LedgerEntryPosted.class));
    balances =
        driver.createOutputTopic(
            TOPICS.balances(),
            Serdes.String().deserializer(),
            serdes.deserializer(BalanceChanged.class));
    deadLetters =
        driver.createOutputTopic(
            TOPICS.deadLetters(),
            Serdes.String().deserializer(),
            serdes.deserializer(DeadLetter.class));
    audit =
        driver.createOutputTopic(
            TOPICS.audit(),
            Serdes.String().deserializer(),
            serdes.deserializer(AuditRecorded.class));
    reader =
        new StoreReader(
            new StoreReader.StoreAccess() {
              @Override
              public <K, V> ReadOnlyKeyValueStore<K, V> of(String store, String organization) {
                return driver.getKeyValueStore(store);
              }

              @Override
              public <K, V> ReadOnlyKeyValueStore<K, V> local(String store) {
                return driver.getKeyValueStore(store);
              }
            });
  }

  /** Books usage, under its organisation as key. */
  public void book(UsageRecorded record) {
    usage.pipeInput(record.getOrganization(), record);
  }

  /** Books usage that comes at a later time, once. */
  public void bookAt(UsageRecorded record, Instant at) {
    driver.advanceWallClockTime(Duration.between(START, at));
    usage.pipeInput(record.getOrganization(), record, at);
  }

  @Override
  public void close() {
    driver.close();
  }
}
