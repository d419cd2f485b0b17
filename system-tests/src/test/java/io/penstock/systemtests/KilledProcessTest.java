package io.penstock.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.behaviour.Latency;
import io.penstock.simulator.calls.Call;
import io.penstock.standalone.client.ApiClient;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of the whole process, at random moments of a batch. */
class KilledProcessTest {

  private static final int LINES = Integer.getInteger("penstock.kill.lines", 1500);
  private static final int KILLS = Integer.getInteger("penstock.kill.times", 2);

  /**
   * Concurrency of the pool: a permit is held from before the call until its outcome is in the log,
   * so no more calls than this can be in doubt at a kill.
   */
  private static final int PERMITS = 256;

  /**
   * From a provider's answer to its outcome in the log it is milliseconds; a cold JVM needs more.
   */
  private static final long ON_ITS_WAY = Duration.ofSeconds(1).toNanos();

  private static final String LOG = "penstock.log";

  private static final long SEED = Long.getLong("penstock.kill.seed", 42);

  @TempDir private Path directory;

  @Test
  void aKilledProcessLosesNothingAndRepeatsOnlyCallsInFlight() throws Exception {
    var random = new Random(SEED);
    var data = directory.resolve("data");
    var input = Installed.lines(directory.resolve("input.jsonl"), LINES);
    try (var simulator =
        Simulator.start(
            SimulatorConfig.standard()
                .withModels(List.of("upstream"))
                .withLatency(Latency.parse("lognormal:300ms,0.5")),
            "127.0.0.1",
            0)) {
      var config =
          Files.writeString(directory.resolve("penstock.yaml"), Installed.catalog(simulator.uri()));
      var port = LiveProcess.freePort();
      var errors = Redirect.appendTo(directory.resolve(LOG).toFile());
      var process = LiveProcess.up(data, port, config, errors);
      String batch;
      String key;
      try (var admin = LiveProcess.administrator(data)) {
        key = admin.createKey("test", "alpha");
      }
      try (var client = new ApiClient(URI.create("http://127.0.0.1:" + port), key)) {
        batch =
            client
                .createBatch(
                    client.uploadBatchFile(input).path("id").asText(), "/v1/chat/completions")
                .path("id")
                .asText();
        var kills = new ArrayList<Kill>();
        for (int kill = 0; kill < KILLS; kill++) {
          awaitCalls(
              simulator,
              LINES * (kill + 1L) / (KILLS + 2) + random.nextInt(Math.max(1, LINES / 10)));
          var signalled = System.nanoTime();
          process.destroyForcibly().waitFor();
          kills.add(new Kill(signalled, System.nanoTime()));
          process = LiveProcess.up(data, port, config, errors);
        }
        var ended = Installed.ended(client, batch, Duration.ofSeconds(120));

        assertThat(ended.path("status").asText()).isEqualTo("completed");
        assertThat(ended.path("request_counts").path("completed").asInt()).isEqualTo(LINES);
        assertEachLineOnce(client, ended.path("output_file_id").asText());
        var repeated = repeated(simulator);
        assertThat(repeated).hasSizeLessThanOrEqualTo(KILLS * PERMITS);
        assertThat(repeated)
            .as("a call is made again only if it was on its way when the process died")
            .allMatch(call -> kills.stream().anyMatch(kill -> kill.caught(call)));
        var open =
            repeated.stream().filter(call -> kills.stream().anyMatch(k -> k.open(call))).count();
        Files.writeString(
            Path.of("target/killed-process.txt"),
            "calls made again %d: open at the provider at a kill %d, answered but not yet in the log %d%n"
                .formatted(repeated.size(), open, repeated.size() - open));
        assertThat(client.fetch("/v1/billing/summary").path("balanced").asBoolean()).isTrue();
        assertThat(directory.resolve(LOG))
            .content()
            .contains("its state was rebuilt from its changelog after a stop that was not clean")
            .doesNotContain("TaskCorruptedException");
      } finally {
        LiveProcess.stop(process);
      }
    }
  }

  private static void assertEachLineOnce(ApiClient client, String file)
      throws IOException, InterruptedException {
    try (var content = client.content(file)) {
      var lines = new String(content.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      var ids = new HashSet<String>();
      for (var line : lines) {
        ids.add(Installed.JSON.readTree(line).path("custom_id").asText());
      }
      assertThat(lines).hasSize(LINES);
      assertThat(ids).hasSize(LINES);
    }
  }

  /** The calls after which the same request was called again. */
  private static List<Call> repeated(Simulator simulator) {
    var last = new HashMap<String, Call>();
    var repeated = new ArrayList<Call>();
    for (var call : simulator.log().calls(0, Integer.MAX_VALUE)) {
      var before = last.put(call.requestId(), call);
      if (before != null) {
        repeated.add(before);
      }
    }
    return repeated;
  }

  private static void awaitCalls(Simulator simulator, long calls) {
    org.awaitility.Awaitility.await()
        .atMost(Duration.ofSeconds(120))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> simulator.log().summary().calls() >= calls);
  }

  /**
   * One kill, in the clock of the provider's call log.
   *
   * @param signalled just before the signal
   * @param dead when the process was gone
   */
  private record Kill(long signalled, long dead) {

    /** Whether the provider was at work on the call when the process died. */
    boolean open(Call call) {
      return call.startedNanos() <= dead && call.endedNanos() >= signalled;
    }

    /** Whether the call was open, or its answer still on its way to the log. */
    boolean caught(Call call) {
      return call.startedNanos() <= dead && call.endedNanos() >= signalled - ON_ITS_WAY;
    }
  }
}
