package io.penstock.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.simulator.SimulatorConfig;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
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

  private static HttpResponse<String> postUnder(
      String idempotencyKey, String path, String key, String body) throws Exception {
    return penstock.post(
        path,
        key,
        "application/json",
        body.getBytes(UTF_8),
        Map.of("Idempotency-Key", idempotencyKey));
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
  void creditWithoutAnIdIsAddedOnceUnderItsIdempotencyKey() throws Exception {
    var topUp = "{\"amount_usd\":\"7\"}";
    var credits = CREDITS.replace("alpha", "beta");
    var admin = penstock.node().adminKey();

    var first = postUnder("order 2", credits, admin, topUp);
    var again = postUnder("order 2", credits, admin, topUp);
    var other = postUnder("order 2", credits, admin, topUp.replace("7", "8"));

    assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.headers().firstValue("idempotent-replayed")).hasValue("true");
    assertThat(other.statusCode()).as(other.body()).isEqualTo(422);
    assertThat(error(other).path("code").asText()).isEqualTo("idempotency_key_reused");
    var organization = penstock.node().platform().catalog().snapshot().organization("beta");
    assertThat(requireNonNull(organization).getCredits()).hasSize(1);
  }

  @Test
  void aKeyIsMadeOnceUnderItsIdempotencyKeyAndItsSecretToldToWhoAskedForIt() throws Exception {
    var wish = "{\"name\":\"ci\",\"organization\":\"beta\",\"role\":\"admin\"}";
    var path = "/v1/admin/keys";
    var admin = penstock.node().adminKey();

    var first = postUnder("key 1", path, admin, wish);
    var again = postUnder("key 1", path, admin, wish);
    var otherBody = postUnder("key 1", path, admin, wish.replace("ci", "cd"));

    assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.headers().firstValue("idempotent-replayed")).hasValue("true");
    assertThat(otherBody.statusCode()).as(otherBody.body()).isEqualTo(422);

    var made = Installed.JSON.readTree(first.body());
    var theirs = postUnder("key 1", path, made.path("secret").asText(), wish);
    assertThat(theirs.statusCode()).as(theirs.body()).isEqualTo(200);
    assertThat(Installed.JSON.readTree(theirs.body()).path("id")).isNotEqualTo(made.path("id"));

    penstock.delete(path + "/" + made.path("id").asText(), admin);
    var anew = Installed.JSON.readTree(postUnder("key 1", path, admin, wish).body());
    assertThat(anew.path("id")).isEqualTo(made.path("id"));
    assertThat(anew.path("secret")).isNotEqualTo(made.path("secret"));
  }

  @Test
  void nobodyAddsCreditToHimself() throws Exception {
    var response = post(CREDITS, penstock.key("alpha"), "application/json", TOP_UP);

    assertThat(response.statusCode()).isEqualTo(403);
  }
}
