package io.penstock.ingress.batches;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.penstock.ingress.jobs.BatchState.Batch;
import io.penstock.ingress.jobs.BatchState.Ended;
import io.penstock.ingress.jobs.BatchState.Running;
import io.penstock.ingress.jobs.BatchState.Validating;
import io.penstock.ingress.jobs.BatchState.Writing;
import io.penstock.ingress.jobs.BatchTerms;
import io.penstock.ingress.jobs.Cursor;
import io.penstock.ingress.jobs.Ending;
import io.penstock.ingress.jobs.LineProblem;
import io.penstock.ingress.jobs.OutputFiles;
import io.penstock.ingress.jobs.Stop;
import io.penstock.ingress.jobs.Tally;
import io.penstock.ingress.jobs.Work;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BatchJsonTest {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final Instant T0 = Instant.ofEpochSecond(1_711_471_533, 999_000_000);
  private static final Work WORK = new Work(100, "smart", T0.plusSeconds(5));
  private static final Cursor CURSOR = new Cursor(98, 9_000, 99, false);
  private static final Tally TALLY = new Tally(90, 5, 7, 1_500, 1_024, 500, 300, 1_250_000);

  @Test
  void aCompletedBatchHasAllItsFields() throws IOException {
    var batch =
        ended(Ending.COMPLETED, null, new OutputFiles("file-out", "file-err", 95, 5), List.of());

    assertThat(pretty(BatchJson.bytes(batch))).isEqualTo(golden("batch-completed.json"));
  }

  @Test
  void aFailedBatchNamesTheBadLines() throws IOException {
    var problems =
        List.of(
            new LineProblem(
                "invalid_json_line", "This line is not parseable as valid JSON.", null, 7L),
            new LineProblem("empty_file", "The input file holds no requests.", null, null));
    var batch =
        new Ended(
            terms(Map.of()),
            Ending.FAILED,
            T0.plusSeconds(6),
            null,
            Cursor.START,
            Tally.NONE,
            null,
            null,
            OutputFiles.NONE,
            problems);

    assertThat(pretty(BatchJson.bytes(batch))).isEqualTo(golden("batch-failed.json"));
  }

  @Test
  void aRunningBatchTellsHowFarItIs() throws IOException {
    var json =
        JSON.readTree(BatchJson.bytes(new Running(terms(Map.of()), WORK, CURSOR, TALLY, null)));

    assertThat(json.path("status").asText()).isEqualTo("in_progress");
    assertThat(json.path("request_counts").toString())
        .isEqualTo("{\"total\":100,\"completed\":90,\"failed\":5}");
    assertThat(json.path("penstock").toString())
        .isEqualTo(
            "{\"created_at_ms\":1711471533999,\"dispatched\":98,\"in_flight\":3,\"retries\":7,\"charge_usd\":\"0.00125\"}");
    assertThat(json.path("output_file_id").isNull()).isTrue();
    assertThat(json.path("metadata").isNull()).isTrue();
  }

  @Test
  void everyStateHasOpenAisWordForIt() {
    var terms = terms(Map.of());
    var cancel = new Stop(Stop.Reason.CANCELLED, T0.plusSeconds(9));
    var expiry = new Stop(Stop.Reason.EXPIRED, T0.plusSeconds(9));

    assertThat(BatchJson.status(new Validating(terms))).isEqualTo("validating");
    assertThat(BatchJson.status(new Running(terms, WORK, CURSOR, TALLY, cancel)))
        .isEqualTo("cancelling");
    assertThat(BatchJson.status(new Running(terms, WORK, CURSOR, TALLY, expiry)))
        .isEqualTo("in_progress");
    assertThat(BatchJson.status(new Writing(terms, WORK, CURSOR, TALLY, null, T0)))
        .isEqualTo("finalizing");
    assertThat(BatchJson.status(new Writing(terms, WORK, CURSOR, TALLY, cancel, T0)))
        .isEqualTo("cancelling");
    assertThat(BatchJson.status(ended(Ending.CANCELLED, cancel, OutputFiles.NONE, List.of())))
        .isEqualTo("cancelled");
    assertThat(BatchJson.status(ended(Ending.EXPIRED, expiry, OutputFiles.NONE, List.of())))
        .isEqualTo("expired");
  }

  @Test
  void aCancelledBatchTellsWhen() throws IOException {
    var cancel = new Stop(Stop.Reason.CANCELLED, T0.plusSeconds(9));
    var json =
        JSON.readTree(
            BatchJson.bytes(
                ended(
                    Ending.CANCELLED,
                    cancel,
                    new OutputFiles(null, "file-err", 0, 100),
                    List.of())));

    assertThat(json.path("cancelling_at").asLong()).isEqualTo(1_711_471_542);
    assertThat(json.path("cancelled_at").asLong()).isEqualTo(1_711_471_593);
    assertThat(json.path("completed_at").isNull()).isTrue();
    assertThat(json.path("request_counts").path("failed").asLong()).isEqualTo(100);
  }

  @Test
  void anEmptyPageHasNullIds() {
    assertThat(new String(BatchJson.page(List.of(), BatchJson.More.NO), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"object\":\"list\",\"data\":[],\"first_id\":null,\"last_id\":null,\"has_more\":false}");
  }

  private static Batch ended(
      Ending ending, @Nullable Stop stop, OutputFiles files, List<LineProblem> problems) {
    return new Ended(
        terms(Map.of("customer_id", "u1")),
        ending,
        T0.plusSeconds(60),
        WORK,
        CURSOR,
        TALLY,
        stop,
        T0.plusSeconds(50),
        files,
        problems);
  }

  private static BatchTerms terms(Map<String, String> metadata) {
    return new BatchTerms(
        "batch_abc123",
        "acme",
        "key_1",
        null,
        null,
        "file-abc",
        "/v1/chat/completions",
        "24h",
        metadata,
        null,
        T0,
        T0.plusSeconds(86_400));
  }

  private static String pretty(byte[] json) throws IOException {
    return JSON.writeValueAsString(JSON.readTree(json)).strip();
  }

  private static String golden(String name) throws IOException {
    try (var in = BatchJsonTest.class.getResourceAsStream("/golden/" + name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }
}
