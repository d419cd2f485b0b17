package io.penstock.ingress.testing;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.ingress.http.Routes;
import io.penstock.platform.http.Health;
import io.penstock.platform.http.Http;
import io.penstock.platform.id.Ids;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.util.function.BiConsumer;

/** A real server on loopback, and a client of it. */
public final class TestServer implements AutoCloseable {

  private final WebServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  private TestServer(WebServer server) {
    this.server = server;
  }

  public static TestServer start(Clock clock, BiConsumer<HttpRouting.Builder, Routes> features) {
    var catalog = Catalogs.catalog();
    var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    var routes = new Routes(() -> catalog, Catalogs.API_KEYS, new Ids(), clock, metrics);
    return new TestServer(
        Http.start(
            "127.0.0.1",
            0,
            -1,
            new Health(),
            metrics,
            Routes::broken,
            routing -> {
              features.accept(routing, routes);
              routing.any("/*", routes.notFound());
            }));
  }

  public int port() {
    return server.port();
  }

  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
  }

  /** A request with a key. */
  public HttpRequest.Builder request(String path, String key) {
    return request(path).header("Authorization", "Bearer " + key);
  }

  public HttpResponse<String> get(String path, String key)
      throws IOException, InterruptedException {
    return send(request(path, key).GET());
  }

  public HttpResponse<String> post(String path, String key, String json)
      throws IOException, InterruptedException {
    return send(
        request(path, key)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)));
  }

  public HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  /** Sends, and returns as soon as the headers are there. */
  public HttpResponse<InputStream> open(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofInputStream());
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
    server.stop();
  }
}
