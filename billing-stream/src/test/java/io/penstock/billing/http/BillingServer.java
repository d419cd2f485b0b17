package io.penstock.billing.http;

import static io.penstock.billing.UsageFixtures.AT;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.penstock.billing.ledger.BillingPeriods;
import io.penstock.billing.stream.BillingHarness;
import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.http.Peers;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.CreditGrant;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.schemas.avro.Role;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Billing with its API, of two organisations: acme, and the one that runs the installation. */
final class BillingServer implements AutoCloseable {

  static final ObjectMapper JSON = new ObjectMapper();
  private static final ApiKeys KEYS = new ApiKeys("a pepper for tests only");

  final BillingHarness billing;
  Instant now = AT;
  private final WebServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  BillingServer(Path directory) {
    billing = new BillingHarness(directory);
    var routing = HttpRouting.builder();
    new BillingRoutes(
            billing.reader,
            KEYS,
            BillingServer::catalog,
            () -> now,
            5,
            new BillingPeriods(Duration.ofHours(72)),
            billing::book,
            new Peers())
        .add(routing);
    server =
        WebServer.builder()
            .host("127.0.0.1")
            .port(0)
            .shutdownHook(false)
            .routing(routing)
            .build()
            .start();
  }

  private static Catalog catalog() {
    return new Catalog(
        Map.of(
            "organization/acme",
            entry(
                "organization",
                "acme",
                OrganizationEntry.newBuilder()
                    .setId("acme")
                    .setName("Acme & Sons")
                    .setActive(true)
                    .setCredits(
                        List.of(
                            CreditGrant.newBuilder()
                                .setId("gift")
                                .setAmountNanoUsd(5_000_000_000L)
                                .build()))
                    .build()),
            "organization/home",
            entry(
                "organization",
                "home",
                OrganizationEntry.newBuilder()
                    .setId("home")
                    .setName("Home")
                    .setActive(true)
                    .build()),
            "pool/azure",
            entry(
                "pool",
                "azure",
                PoolEntry.newBuilder()
                    .setName("azure")
                    .setProvider("Microsoft")
                    .setDialect("openai")
                    .setBaseUrl("http://127.0.0.1:1")
                    .build()),
            "key/acme",
            entry("key", "acme", key("acme", Role.USER)),
            "key/home",
            entry("key", "home", key("home", Role.SUPER_ADMIN))));
  }

  private static CatalogEntry entry(String kind, String name, Object entry) {
    return new CatalogEntry(kind, name, 1L, null, AT, entry);
  }

  private static ApiKeyEntry key(String organization, Role role) {
    return ApiKeyEntry.newBuilder()
        .setId(organization)
        .setOrganization(organization)
        .setName(organization)
        .setHash(KEYS.hash(organization))
        .setHint("1234")
        .setRole(role)
        .setCreatedAt(AT)
        .build();
  }

  /**
   * @param as organisation whose key is used
   * @param body posted; null only asks
   */
  HttpResponse<String> ask(String as, String path, @Nullable String body)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .header("Authorization", "Bearer " + as);
    if (body != null) {
      request.POST(HttpRequest.BodyPublishers.ofString(body));
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  JsonNode json(String as, String path) throws IOException, InterruptedException {
    return JSON.readTree(text(as, path));
  }

  String text(String as, String path) throws IOException, InterruptedException {
    var response = ask(as, path, null);
    if (response.statusCode() != 200) {
      throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
    }
    return response.body();
  }

  @Override
  public void close() {
    server.stop();
    billing.close();
    client.close();
  }
}
