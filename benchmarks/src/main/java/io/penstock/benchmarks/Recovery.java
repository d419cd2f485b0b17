package io.penstock.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.standalone.client.ApiClient;
import io.penstock.standalone.node.Node;
import io.penstock.standalone.node.NodeConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What callers notice of a first target in trouble while a second one is healthy. A whole
 * installation and two simulated providers in this process; the providers' own logs say who was
 * called.
 *
 * <ul>
 *   <li>{@code down}: the first is gone for a minute, {@code failing}: it answers 503 for a minute;
 *       a request every four seconds. How many are served, and how long after the recovery the
 *       first one serves again.
 *   <li>{@code silent}: it takes requests and says nothing. How long ten models' first requests
 *       take, with a first-byte time of two seconds.
 *   <li>{@code refusing}: it answers 429 or 503 for ever. Calls made to it for one request, with
 *       the default number of attempts, and how long ten requests in a row take.
 * </ul>
 *
 * <p>Usage, from a built checkout: {@code java -Xmx768m -Dpenstock.log=WARN -Dpenstock.home=. -cp
 * "benchmarks/target/classes:standalone/target/penstock.jar:standalone/target/lib/*"
 * io.penstock.benchmarks.Recovery}, and the names of what is to be run, if not all.
 */
public final class Recovery {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TROUBLE = Duration.ofSeconds(60);
  private static final Duration BETWEEN = Duration.ofSeconds(4);
  private static final Duration WATCHED = Duration.ofSeconds(60);
  private static final int SILENT_MODELS = 10;
  private static final int REFUSED_IN_A_ROW = 10;
  private static final List<String> ALL = List.of("silent", "refusing", "down", "failing");
  private static final List<String> REFUSALS =
      List.of("rate429", "rate429-none", "capacity429", "http503");

  private final HttpClient http = HttpClient.newHttpClient();
  private final Simulator first;
  private final Simulator second;
  private final URI url;
  private final String key;

  private Recovery(Simulator first, Simulator second, URI url, String key) {
    this.first = first;
    this.second = second;
    this.url = url;
    this.key = key;
  }

  /** See the class. */
  public static void main(String[] arguments) throws Exception {
    try (var scratch = Scratch.open("recovery");
        var first = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0);
        var second = Simulator.start(SimulatorConfig.standard(), "127.0.0.1", 0);
        var node =
            Node.start(
                new NodeConfig(scratch.path().resolve("data"), 0, catalog(first, second), null))) {
      var recovery = new Recovery(first, second, node.url(), key(node));
      var wanted = arguments.length == 0 ? ALL : List.of(arguments);
      if (wanted.contains("silent")) {
        recovery.silent();
      }
      if (wanted.contains("refusing")) {
        recovery.refusing();
      }
      if (wanted.contains("down")) {
        recovery.trouble("down", first::die, first::revive);
      }
      if (wanted.contains("failing")) {
        recovery.trouble(
            "failing",
            () -> recovery.order("{\"model\":\"m\",\"orders\":\"fault-http503\"}"),
            () -> recovery.order("{\"model\":\"m\",\"orders\":null}"));
      }
    }
    System.exit(0);
  }

  private void refusing() throws Exception {
    for (var refusal : REFUSALS) {
      var before = second.log().summary().calls();
      var callsBefore = first.log().summary().calls();
      var started = System.nanoTime();
      var status = ask("refusing-" + refusal);
      System.out.printf(
          Locale.ROOT,
          "refusing %-13s status %d, %d calls to the first, %d to the second, %.1f s%n",
          refusal,
          status,
          first.log().summary().calls() - callsBefore,
          second.log().summary().calls() - before,
          (System.nanoTime() - started) / 1e9);
      var times = new ArrayList<Long>();
      for (int i = 0; i < REFUSED_IN_A_ROW; i++) {
        var asked = System.nanoTime();
        ask("refusing-" + refusal);
        times.add(System.nanoTime() - asked);
      }
      Collections.sort(times);
      System.out.printf(
          Locale.ROOT,
          "         %-13s the next %d: median %.3f s, longest %.3f s%n",
          refusal,
          REFUSED_IN_A_ROW,
          times.get(REFUSED_IN_A_ROW / 2) / 1e9,
          times.getLast() / 1e9);
    }
  }

  private void silent() throws Exception {
    var times = new ArrayList<Long>();
    var served = 0;
    for (int i = 0; i < SILENT_MODELS; i++) {
      var started = System.nanoTime();
      served += ask("silent-" + i) == 200 ? 1 : 0;
      times.add(System.nanoTime() - started);
    }
    Collections.sort(times);
    System.out.printf(
        Locale.ROOT,
        "silent   %d of %d served, median %.2f s, longest %.2f s with a first-byte time of 2 s%n",
        served,
        SILENT_MODELS,
        times.get(SILENT_MODELS / 2) / 1e9,
        times.getLast() / 1e9);
  }

  private void trouble(String name, Runnable begin, Runnable end) throws Exception {
    ask("m");
    begin.run();
    var asked = 0;
    var served = 0;
    var until = System.nanoTime() + TROUBLE.toNanos();
    while (System.nanoTime() < until) {
      asked++;
      served += ask("m") == 200 ? 1 : 0;
      Thread.sleep(BETWEEN);
    }
    end.run();
    var recovered = System.nanoTime();
    Double back = null;
    while (System.nanoTime() < recovered + WATCHED.toNanos()) {
      var before = first.log().summary().served();
      asked++;
      served += ask("m") == 200 ? 1 : 0;
      if (back == null && first.log().summary().served() > before) {
        back = (System.nanoTime() - recovered) / 1e9;
      }
      Thread.sleep(BETWEEN);
    }
    System.out.printf(
        Locale.ROOT,
        "%-8s %d of %d served, the first serves again %s%n",
        name,
        served,
        asked,
        told(back));
  }

  private static String told(@Nullable Double seconds) {
    return seconds == null
        ? "not within a minute"
        : String.format(Locale.ROOT, "%.1f s after its recovery", seconds);
  }

  private int ask(String model) throws IOException, InterruptedException {
    var body = JSON.createObjectNode().put("model", model).put("max_tokens", 20);
    body.putArray("messages").addObject().put("role", "user").put("content", "Hello.");
    return http.send(
            HttpRequest.newBuilder(url.resolve("/v1/chat/completions"))
                .header("authorization", "Bearer " + key)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build(),
            BodyHandlers.ofString())
        .statusCode();
  }

  private void order(String orders) {
    try {
      http.send(
          HttpRequest.newBuilder(first.uri().resolve("/sim/orders"))
              .POST(BodyPublishers.ofString(orders))
              .build(),
          BodyHandlers.discarding());
    } catch (IOException e) {
      throw new IllegalStateException("the simulated provider takes no orders", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String key(Node node) throws IOException, InterruptedException {
    try (var admin = new ApiClient(node.url(), node.adminKey())) {
      return admin.createKey("recovery", "alpha");
    }
  }

  private static String catalog(Simulator first, Simulator second) {
    var catalog = new StringBuilder("organizations: [{id: alpha, name: Alpha}]\npools:\n");
    pool(catalog, "first", first);
    pool(catalog, "silent", first);
    pool(catalog, "second", second);
    catalog.append("models:\n");
    model(catalog, "m", "first", "m");
    for (var refusal : REFUSALS) {
      model(catalog, "refusing-" + refusal, "first", "refusing+fault-" + refusal);
    }
    for (int i = 0; i < SILENT_MODELS; i++) {
      model(catalog, "silent-" + i, "silent", "silent-" + i + "+fault-silent");
    }
    return catalog
        .append("prices: [{name: p, lines: {input_uncached: \"1\", output_text: \"2\"}}]\n")
        .toString();
  }

  private static void pool(StringBuilder catalog, String name, Simulator provider) {
    catalog.append(
        "  - {name: %s, dialect: openai, base-url: \"%s/v1\", timeouts: {first-byte: 2s}}\n"
            .formatted(name, provider.uri()));
  }

  private static void model(StringBuilder catalog, String name, String pool, String upstream) {
    catalog.append(
        "  - {name: %s, targets: [{pool: %s, model: \"%s\", price: p}, {pool: second, model: m, price: p}]}\n"
            .formatted(name, pool, upstream));
  }
}
