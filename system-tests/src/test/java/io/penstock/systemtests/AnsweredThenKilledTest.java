package io.penstock.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.behaviour.Latency;
import io.penstock.standalone.client.ApiClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 while callers wait, with deadlines that are over before the process is back: whoever was
 * answered is charged, what he was answered for, once.
 */
class AnsweredThenKilledTest {

  private static final int CALLERS = 8;
  private static final int KILLS = Integer.getInteger("penstock.kill.times", 2);
  private static final int ANSWERS_BETWEEN_KILLS = 60;
  private static final int PAGE = 1000;

  @TempDir private Path directory;

  private final Map<String, Long> answered = new ConcurrentHashMap<>();
  private final AtomicBoolean enough = new AtomicBoolean();
  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void whoeverWasAnsweredIsChargedOnce() throws Exception {
    var data = directory.resolve("data");
    try (var simulator =
        Simulator.start(
            SimulatorConfig.standard()
                .withModels(List.of("upstream"))
                .withLatency(Latency.parse("lognormal:200ms,0.5")),
            "127.0.0.1",
            0)) {
      var config =
          Files.writeString(directory.resolve("penstock.yaml"), Installed.catalog(simulator.uri()));
      var port = LiveProcess.freePort();
      var process = LiveProcess.up(data, port, config);
      var address = URI.create("http://127.0.0.1:" + port);
      try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
        String key;
        try (var admin = LiveProcess.administrator(data)) {
          key = admin.createKey("test", "alpha");
        }
        for (int i = 0; i < CALLERS; i++) {
          callers.submit(() -> ask(address, key));
        }
        for (int kill = 0; kill < KILLS; kill++) {
          awaitAnswers();
          process.destroyForcibly().waitFor();
          process = LiveProcess.up(data, port, config);
        }
        awaitAnswers();
        enough.set(true);
        callers.shutdown();
        assertThat(callers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();

        try (var client = new ApiClient(address, key)) {
          await()
              .atMost(Duration.ofSeconds(60))
              .untilAsserted(() -> assertThat(charged(client)).containsAllEntriesOf(answered));
          assertThat(client.fetch("/v1/billing/summary").path("balanced").asBoolean()).isTrue();
        }
      } finally {
        enough.set(true);
        LiveProcess.stop(process);
      }
    }
  }

  private void awaitAnswers() {
    var before = answered.size();
    await()
        .atMost(Duration.ofSeconds(120))
        .until(() -> answered.size() >= before + ANSWERS_BETWEEN_KILLS);
  }

  /** Asks until it is enough; answers how often it was. */
  private int ask(URI address, String key) throws InterruptedException {
    var asked = 0;
    while (!enough.get()) {
      asked++;
      var request =
          HttpRequest.newBuilder(address.resolve("/v1/chat/completions"))
              .header("Authorization", "Bearer " + key)
              .header("Content-Type", "application/json")
              .header("x-penstock-timeout", "3")
              .POST(
                  BodyPublishers.ofString(
                      "{\"model\":\"fast\",\"max_tokens\":20,\"messages\":[{\"role\":\"user\",\"content\":\"water\"}]}"))
              .build();
      try {
        var answer = http.send(request, BodyHandlers.ofString());
        if (answer.statusCode() == 200) {
          var usage = Installed.JSON.readTree(answer.body()).path("usage");
          answered.put(
              answer.headers().firstValue("x-request-id").orElseThrow(),
              150 * usage.path("prompt_tokens").asLong()
                  + 600 * usage.path("completion_tokens").asLong());
        }
      } catch (IOException e) {
        // the process is dead, or not back yet: nobody was answered
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
    return asked;
  }

  /** What was charged for each request, in nano-USD. */
  private static Map<String, Long> charged(ApiClient client)
      throws IOException, InterruptedException {
    var charged = new TreeMap<String, Long>();
    var more = true;
    for (var after = 0L; more; ) {
      var page = client.fetch("/v1/billing/ledger?limit=" + PAGE + "&after_sequence=" + after);
      for (var entry : page.path("data")) {
        after = entry.path("sequence").asLong();
        for (var posting : entry.path("postings")) {
          if (posting.path("account").asText().equals("receivable")) {
            charged.merge(
                entry.path("request_id").asText(),
                posting.path("amount_nano_usd").asLong(),
                Long::sum);
          }
        }
      }
      more = page.path("has_more").asBoolean();
    }
    return charged;
  }
}
