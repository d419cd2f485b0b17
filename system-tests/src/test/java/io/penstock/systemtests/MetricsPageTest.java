package io.penstock.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.simulator.SimulatorConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code /metrics} of a running Penstock has, and what the page for operators says. */
class MetricsPageTest {

  private static final Pattern FAMILY = Pattern.compile("^# TYPE (\\S+) \\S+$", Pattern.MULTILINE);
  private static final Pattern ROW = Pattern.compile("^\\| `(penstock_\\w+)`", Pattern.MULTILINE);
  private static final String CHAT =
      "{\"model\":\"fast\",\"max_tokens\":8,\"messages\":[{\"role\":\"user\",\"content\":\"water\"}]%s}";

  @Test
  void thePageForOperatorsNamesEveryMetricAndNoOther(@TempDir Path directory) throws Exception {
    try (var penstock = Installed.start(directory, SimulatorConfig.standard())) {
      var key = penstock.key("alpha");
      var served = chat(penstock, key, "");
      var refused = chat(penstock, key, ",\"provider\":{\"only\":[\"nobody\"]}");

      assertThat(served).isEqualTo(200);
      assertThat(refused).isEqualTo(400);
      // an answer is counted once it is written, which its reader may see before
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(() -> assertPage(penstock.node().platform().metrics().scrape(), key));
    }
  }

  private static void assertPage(String text, String key) throws IOException {
    assertThat(families(text)).isEqualTo(named());
    assertThat(text)
        .contains("penstock_router_refused_total{code=\"no_target\",counted=\"\",scope=\"\"} 1.0")
        .contains("penstock_accept_requests_seconds_count{status=\"2xx\",surface=\"chat\"} 1")
        .contains("penstock_accept_requests_seconds_count{status=\"4xx\",surface=\"chat\"} 1")
        .doesNotContain(key)
        .doesNotContain("\"alpha\"");
  }

  private static int chat(Installed penstock, String key, String more) throws Exception {
    return penstock
        .post("/v1/chat/completions", key, "application/json", CHAT.formatted(more).getBytes(UTF_8))
        .statusCode();
  }

  /** A timer is one metric, although its longest is written apart. */
  private static TreeSet<String> families(String text) {
    return FAMILY
        .matcher(text)
        .results()
        .map(family -> family.group(1))
        .filter(name -> !name.endsWith("_seconds_max"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static TreeSet<String> named() throws IOException {
    return ROW.matcher(Files.readString(Path.of("../docs/operate.md")))
        .results()
        .map(row -> row.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
