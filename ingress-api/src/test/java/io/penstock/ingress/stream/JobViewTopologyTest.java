package io.penstock.ingress.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingress.jobs.BatchState.Batch;
import io.penstock.ingress.jobs.BatchState.Ended;
import io.penstock.ingress.jobs.BatchState.Running;
import io.penstock.ingress.jobs.BatchState.Validating;
import io.penstock.ingress.jobs.BatchState.Writing;
import io.penstock.ingress.jobs.Ending;
import io.penstock.ingress.jobs.Tally;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.BatchAdvanced;
import io.penstock.schemas.avro.BatchCancelRequested;
import io.penstock.schemas.avro.BatchCreated;
import io.penstock.schemas.avro.BatchFilesWritten;
import io.penstock.schemas.avro.BatchLine;
import io.penstock.schemas.avro.BatchValidated;
import io.penstock.schemas.avro.BatchView;
import io.penstock.schemas.avro.JobLine;
import io.penstock.schemas.avro.Outcome;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.RequestFinished;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobViewTopologyTest {

  private static final Instant T0 = Instant.parse("2026-01-02T03:04:05Z");
  private static final Duration GRACE = Duration.ofMinutes(10);
  private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);
  private static final String BATCH = "batch_01hx";

  private final RecordSerdes serdes = RecordSerdes.inMemory("job-view");
  @TempDir Path directory = Path.of("set by JUnit");
  private TopologyTestDriver driver;
  private TestInputTopic<String, SpecificRecord> batches;
  private TestInputTopic<String, SpecificRecord> results;

  @SuppressWarnings("NullAway.Init") // JUnit calls start before anything else
  JobViewTopologyTest() {}

  @BeforeEach
  void start() {
    var properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
    driver = new TopologyTestDriver(JobViewTopology.of(TOPICS, serdes, GRACE), properties, T0);
    batches =
        driver.createInputTopic(TOPICS.batches(), new StringSerializer(), serdes.serializer());
    results =
        driver.createInputTopic(TOPICS.results(), new StringSerializer(), serdes.serializer());
  }

  @AfterEach
  void stop() {
    driver.close();
  }

  @Test
  void theTopologyIsWhatItWas() throws IOException {
    try (var golden = getClass().getResourceAsStream("/golden/job-view-topology.txt")) {
      var expected =
          new String(Objects.requireNonNull(golden).readAllBytes(), StandardCharsets.UTF_8);
      assertThat(JobViewTopology.of(TOPICS, serdes, GRACE).describe().toString().strip())
          .isEqualTo(expected.strip());
    }
  }

  @Test
  void aCreatedBatchIsReadableListedAndActive() {
    batches.pipeInput(BATCH, created(BATCH, T0));

    assertThat(batch()).isInstanceOf(Validating.class);
    assertThat(active()).containsExactly(BATCH + "=working");
    assertThat(listed("acme")).containsExactly(BATCH);
    assertThat(listed("acm")).isEmpty();
  }

  @Test
  void listingsAreNewestFirst() {
    batches.pipeInput("batch_b", created("batch_b", T0));
    batches.pipeInput("batch_c", created("batch_c", T0.plusSeconds(60)));
    batches.pipeInput("batch_a", created("batch_a", T0.minusSeconds(60)));

    assertThat(listed("acme")).containsExactly("batch_c", "batch_b", "batch_a");
  }

  @Test
  void resultsAddUpAndASecondResultOfALineDoesNotCount() {
    running(3);

    results.pipeInput(BATCH, finished(2, Outcome.SUCCEEDED, 3));
    results.pipeInput(BATCH, finished(2, Outcome.SUCCEEDED, 3));
    results.pipeInput(BATCH, finished(2, Outcome.FAILED, 1));
    results.pipeInput(BATCH, finished(1, Outcome.FAILED, 1));

    assertThat(batch())
        .isInstanceOfSatisfying(
            Running.class,
            running ->
                assertThat(running.tally())
                    .isEqualTo(new Tally(1, 1, 2, 2 * 30, 2 * 8, 2 * 9, 2 * 4, 2 * 500)));
    assertThat(lines()).containsExactly("1 FAILED", "2 SUCCEEDED");
  }

  @Test
  void theLastResultBeginsWritingAndTheFilesEndTheBatchAtOnce() {
    running(2);
    results.pipeInput(BATCH, finished(1, Outcome.SUCCEEDED, 1));
    assertThat(batch()).isInstanceOf(Running.class);

    results.pipeInput(BATCH, finished(2, Outcome.FAILED, 1));
    assertThat(batch()).isInstanceOf(Writing.class);

    batches.pipeInput(BATCH, new BatchFilesWritten(BATCH, "file-o", "file-e", 1L, 1L, T0));
    assertThat(batch())
        .isInstanceOfSatisfying(
            Ended.class,
            ended -> {
              assertThat(ended.ending()).isEqualTo(Ending.COMPLETED);
              assertThat(ended.files().output()).isEqualTo("file-o");
              assertThat(ended.files().error()).isEqualTo("file-e");
              assertThat(ended.tally().finished()).isEqualTo(2);
            });
    assertThat(active()).containsExactly(BATCH + "=released");
  }

  @Test
  void resultsAfterTheEndLeaveNoTrace() {
    running(2);
    batches.pipeInput(BATCH, new BatchCancelRequested(BATCH, T0));
    batches.pipeInput(BATCH, advanced(0, true));
    batches.pipeInput(BATCH, new BatchFilesWritten(BATCH, null, "file-e", 0L, 2L, T0));

    results.pipeInput(BATCH, finished(1, Outcome.SUCCEEDED, 1));

    assertThat(batch())
        .isInstanceOfSatisfying(
            Ended.class, ended -> assertThat(ended.tally()).isEqualTo(Tally.NONE));
    assertThat(lines()).isEmpty();
  }

  @Test
  void resultsOfUnknownJobsLeaveNoTrace() {
    results.pipeInput("batch_other", finished(1, Outcome.SUCCEEDED, 1));

    assertThat(lines()).isEmpty();
  }

  @Test
  void aStoppedBatchIsWrittenWhenItsGraceIsOver() {
    running(2);
    batches.pipeInput(BATCH, advanced(2, false));
    batches.pipeInput(BATCH, new BatchCancelRequested(BATCH, T0));

    driver.advanceWallClockTime(GRACE.minusSeconds(1));
    assertThat(batch()).isInstanceOf(Running.class);

    driver.advanceWallClockTime(Duration.ofSeconds(1));
    assertThat(batch()).isInstanceOf(Writing.class);
  }

  @Test
  void linesOfAnEndedBatchAreForgottenInSteps() {
    var requests = 6_000;
    running(requests);
    for (int line = 1; line <= requests; line++) {
      results.pipeInput(BATCH, finished(line, Outcome.SUCCEEDED, 1));
    }
    batches.pipeInput(BATCH, new BatchFilesWritten(BATCH, "file-o", null, (long) requests, 0L, T0));

    driver.advanceWallClockTime(Duration.ofSeconds(1));
    assertThat(lines()).hasSize(1_000);
    assertThat(active()).containsExactly(BATCH + "=released");

    driver.advanceWallClockTime(Duration.ofSeconds(1));
    assertThat(lines()).isEmpty();
    assertThat(active()).isEmpty();
    assertThat(batch()).isInstanceOf(Ended.class);
  }

  private void running(long requests) {
    batches.pipeInput(BATCH, created(BATCH, T0));
    batches.pipeInput(BATCH, new BatchValidated(BATCH, requests, "smart", T0));
  }

  private static BatchCreated created(String batch, Instant at) {
    return new BatchCreated(
        batch,
        "acme",
        "key_1",
        null,
        null,
        "file-1",
        "/v1/chat/completions",
        "24h",
        Map.of(),
        null,
        at,
        at.plusSeconds(86_400));
  }

  private static BatchAdvanced advanced(long dispatched, boolean stopped) {
    return new BatchAdvanced(BATCH, dispatched, 100L * dispatched, dispatched + 1, stopped, T0);
  }

  private static RequestFinished finished(long line, Outcome outcome, int attempts) {
    var usage =
        TokenUsage.newBuilder()
            .setSource(UsageSource.PROVIDER)
            .setInputUncached(22L)
            .setInputCacheRead(8L)
            .setOutputText(5L)
            .setOutputReasoning(4L)
            .build();
    return RequestFinished.newBuilder()
        .setRequestId(BATCH + "-" + line)
        .setOrganization("acme")
        .setJob(BATCH)
        .setLine(new JobLine(BATCH, line, "id-" + line))
        .setOutcome(outcome)
        .setHttpStatus(200)
        .setBody(new Payload(ByteBuffer.wrap(new byte[] {'{', '}'}), null, 2L, null))
        .setModel("smart")
        .setUsage(usage)
        .setChargeNanoUsd(500)
        .setAttempts(attempts)
        .setAcceptedAt(T0)
        .setFinishedAt(T0.plusSeconds(1))
        .build();
  }

  private Batch batch() {
    KeyValueStore<String, BatchView> store = driver.getKeyValueStore(JobViewTopology.BATCHES);
    return BatchViews.state(Objects.requireNonNull(store.get(BATCH)));
  }

  private List<String> active() {
    KeyValueStore<String, String> store = driver.getKeyValueStore(JobViewTopology.ACTIVE);
    var found = new ArrayList<String>();
    try (var all = store.all()) {
      all.forEachRemaining(entry -> found.add(entry.key + "=" + entry.value));
    }
    return found;
  }

  private List<String> listed(String organization) {
    KeyValueStore<ListingKey, String> store = driver.getKeyValueStore(JobViewTopology.LISTING);
    var found = new ArrayList<String>();
    try (var range = store.range(ListingKey.first(organization), ListingKey.last(organization))) {
      range.forEachRemaining(entry -> found.add(entry.value));
    }
    return found;
  }

  private List<String> lines() {
    KeyValueStore<LineKey, BatchLine> store = driver.getKeyValueStore(JobViewTopology.LINES);
    var found = new ArrayList<String>();
    try (var all = store.all()) {
      all.forEachRemaining(e -> found.add(e.key.line() + " " + e.value.getOutcome()));
    }
    return found;
  }
}
