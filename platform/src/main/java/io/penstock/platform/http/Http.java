package io.penstock.platform.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.platform.telemetry.JavaLogging;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Starts a service's HTTP server with {@code /health/live}, {@code /health/ready} and {@code
 * /metrics}.
 */
public final class Http {

  private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(5);
  private static final int CONNECTION_BACKLOG = 4096;

  static {
    // Helidon does not write with SLF4J
    JavaLogging.route();
  }

  private Http() {}

  /** Starts the server of a service that has no words of its own for broken requests. */
  public static WebServer start(
      String host,
      int port,
      long bodyBytesMax,
      Health health,
      PrometheusMeterRegistry metrics,
      Consumer<HttpRouting.Builder> routes) {
    return start(host, port, bodyBytesMax, health, metrics, Http::plain, routes);
  }

  private static byte[] plain(int status, String path, String message) {
    return "{\"error\":{\"message\":\"The request could not be read.\"}}"
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Starts the server.
   *
   * @param host address to listen on
   * @param port 0 for any free one
   * @param bodyBytesMax largest request body; larger ones are refused with 413 by the routes that
   *     read them
   * @param broken words errors of requests that reach no route
   * @param routes the service's own routes
   * @throws IllegalStateException when it cannot listen, such as on a port that is taken; the
   *     message says what to do
   */
  public static WebServer start(
      String host,
      int port,
      long bodyBytesMax,
      Health health,
      PrometheusMeterRegistry metrics,
      ErrorBody broken,
      Consumer<HttpRouting.Builder> routes) {
    var routing = HttpRouting.builder();
    routing.addFilter(
        (chain, request, response) -> {
          if (request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
            HangUp.lastRequest();
          }
          chain.proceed();
        });
    routing.get("/health/live", (request, response) -> response.send("ok\n"));
    routing.get(
        "/health/ready",
        (request, response) -> {
          var missing = health.missing();
          if (missing.isEmpty()) {
            response.send("ready\n");
          } else {
            response.status(Status.SERVICE_UNAVAILABLE_503);
            response.send("waiting for " + String.join(", ", missing) + "\n");
          }
        });
    routing.get(
        "/metrics",
        (request, response) -> {
          response.header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
          response.send(metrics.scrape());
        });
    routes.accept(routing);
    var server =
        WebServer.builder()
            .host(host)
            .port(port)
            .backlog(CONNECTION_BACKLOG)
            .maxPayloadSize(bodyBytesMax)
            .shutdownGracePeriod(SHUTDOWN_GRACE)
            .shutdownHook(false)
            .addConnectionSelector(new WatchedConnections())
            .directHandlers(BrokenRequests.handlers(broken))
            .errorHandling(ErrorHandling.builder().includeEntity(true).build())
            .routing(routing)
            .build();
    server.start();
    if (server.isRunning()) {
      return server;
    }
    server.stop();
    throw new IllegalStateException(whyNot(host, port));
  }

  /** The server tells nobody why it does not listen; an attempt of our own does. */
  private static String whyNot(String host, int port) {
    try (var attempt = new ServerSocket()) {
      attempt.bind(new InetSocketAddress(host, port));
      return "the HTTP server did not start on port " + port + " of " + host;
    } catch (IOException e) {
      var message = String.valueOf(e.getMessage());
      if (e instanceof BindException && message.contains("in use")) {
        return "port "
            + port
            + " on "
            + host
            + " is taken: stop what listens there, or choose another with --port";
      }
      return "nothing can listen on port " + port + " of " + host + ": " + message;
    }
  }
}
