package io.penstock.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.simulator.SimulatorConfig;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What administrators do over HTTP, and what they may not. */
class AdministrationTest {

  private static final String CREDITS = "/v1/admin/organizations/alpha/credits";
  private static final String TOP_UP = "{\"id\":\"order-1\",\"amount_usd\":\"25\"}";

  @TempDir private static Path directory;
  private static Installed penstock;

  @BeforeAll
  static void start() throws Exception {
    penstock = Installed.start(directory, SimulatorConfig.standard());
  }

  @AfterAll
  static void stop() {
    penstock.close();
  }

  private static HttpResponse<String> post(String path, String key, String type, String body)
      throws Exception {
    return penstock.post(path, key, type, body.getBytes(UTF_8));
  }

  private static JsonNode error(HttpResponse<String> response) throws Exception {
    return Installed.JSON.readTree(response.body()).path("error");
  }

  @Test
  void led06ABadCatalogueIsRefusedWholeAndToldAndTheOldOneStaysInForce() throws Exception {
    var bad =
        Installed.catalog(penstock.simulator().uri())
            .replace("output_text: \"0.60\"", "output_text: \"-1\"")
            .replace("name: fast", "name: faster");

    var response = post("/v1/admin/catalog", penstock.node().adminKey(), "application/yaml", bad);

    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(error(response).path("message").asText()).contains("prices[0].lines.output_text");
    assertThat(penstock.node().platform().metrics().get("penstock.catalog.refused").counter())
        .satisfies(counter -> assertThat(counter.count()).isEqualTo(1));
    var chat =
        post(
            "/v1/chat/completions",
            penstock.key("alpha"),
            "application/json",
            "{\"model\":\"fast\",\"max_tokens\":8,\"messages\":[{\"role\":\"user\",\"content\":\"water\"}]}");
    assertThat(chat.statusCode()).as(chat.body()).isEqualTo(200);
  }

  @Test
  void creditIsAddedOnceUnderItsIdAndNeverWithOtherContent() throws Exception {
    var admin = penstock.node().adminKey();

    var first = post(CREDITS, admin, "application/json", TOP_UP);
    var again = post(CREDITS, admin, "application/json", TOP_UP);
    var other = post(CREDITS, admin, "application/json", TOP_UP.replace("25", "26"));

    assertThat(first.statusCode()).as(first.body()).isBetween(200, 201);
    assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
    assertThat(other.statusCode()).as(other.body()).isEqualTo(409);
    var organization = penstock.node().platform().catalog().snapshot().organization("alpha");
    assertThat(requireNonNull(organization).getCredits())
        .hasSize(1)
        .allSatisfy(grant -> assertThat(grant.getAmountNanoUsd()).isEqualTo(25_000_000_000L));
  }

  @Test
  void nobodyAddsCreditToHimself() throws Exception {
    var response = post(CREDITS, penstock.key("alpha"), "application/json", TOP_UP);

    assertThat(response.statusCode()).isEqualTo(403);
  }
}
