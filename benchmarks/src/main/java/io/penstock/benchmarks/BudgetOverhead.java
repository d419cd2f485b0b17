package io.penstock.benchmarks;

import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.behaviour.Latency;
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
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What ten budgets in force cost a caller who waits: the median time of a synchronous call of an
 * organisation with ten against that of one with none, turn by turn in one process, so that both
 * meet the same machine.
 *
 * <p>Usage, from a built checkout: {@code java -Xmx768m -Dpenstock.log=WARN -Dpenstock.home=. -cp
 * "benchmarks/target/classes:standalone/target/penstock.jar:standalone/target/lib/*"
 * io.penstock.benchmarks.BudgetOverhead [CALLERS] [TURNS]}, by default 1 caller and 20 turns of two
 * seconds for each.
 */
public final class BudgetOverhead {

  private static final Duration TURN = Duration.ofSeconds(2);
  private static final Duration WARM_UP = Duration.ofSeconds(30);

  private static final String CATALOG =
      """
      organizations: [{id: none, name: None}, {id: ten, name: Ten}]
      pools:
        - {name: provider, dialect: openai, base-url: "%s/v1", concurrency: 256}
      models:
        - {name: fast, targets: [{pool: provider, model: upstream, price: p}]}
      prices:
        - {name: p, lines: {input_uncached: "0.15", output_text: "0.60"}}
      budgets:
        - {id: month, organization: ten, limit: "100000", window: month, time-zone: Europe/Berlin, alert-percent: [50, 80]}
        - {id: day, organization: ten, limit: "10000", window: day}
        - {id: hour, organization: ten, limit: "1000", window: hour, rolling: true}
        - {id: tokens, organization: ten, unit: tokens, limit: 100000000000, window: day}
        - {id: requests, organization: ten, unit: requests, limit: 100000000, window: minute}
        - {id: user, organization: ten, limit: "10000", window: day, group-by: [end-user]}
        - {id: key, organization: ten, scope: api-key, limit: "10000", window: week}
        - {id: model, organization: ten, scope: model, limit: "10000", window: lifetime}
        - {id: both, organization: ten, limit: "10000", window: day, group-by: [model, end-user]}
        - {id: watch, organization: ten, limit: "10000", window: month, hard: false}
      """;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI url;
  private final int callers;

  private BudgetOverhead(URI url, int callers) {
    this.url = url;
    this.callers = callers;
  }

  /** See the class. */
  public static void main(String[] arguments) throws Exception {
    var callers = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
    var turns = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20;
    var config = SimulatorConfig.standard().withLatency(new Latency.Fixed(Duration.ZERO));
    try (var scratch = Scratch.open("budgets");
        var simulator = Simulator.start(config, "127.0.0.1", 0);
        var node =
            Node.start(
                new NodeConfig(
                    scratch.path().resolve("data"), 0, CATALOG.formatted(simulator.uri()), null));
        var admin = new ApiClient(node.url(), node.adminKey())) {
      new BudgetOverhead(node.url(), callers)
          .run(admin.createKey("b", "none"), admin.createKey("b", "ten"), turns);
    }
    System.exit(0);
  }

  private void run(String without, String with, int turns) throws Exception {
    turn(without, WARM_UP.dividedBy(2));
    turn(with, WARM_UP.dividedBy(2));
    var timesWithout = new ArrayList<Long>();
    var timesWith = new ArrayList<Long>();
    for (int i = 0; i < turns; i++) {
      timesWithout.addAll(turn(without, TURN));
      timesWith.addAll(turn(with, TURN));
    }
    var none = median(timesWithout);
    var ten = median(timesWith);
    System.out.printf(
        Locale.ROOT,
        "callers %d: p50 %.3f ms without (%d calls), %.3f ms with ten budgets (%d calls), ratio %.3f%n",
        callers,
        none / 1e6,
        timesWithout.size(),
        ten / 1e6,
        timesWith.size(),
        (double) ten / none);
  }

  private List<Long> turn(String key, Duration time) throws Exception {
    var request =
        HttpRequest.newBuilder(url.resolve("/v1/chat/completions"))
            .header("authorization", "Bearer " + key)
            .header("content-type", "application/json")
            .POST(
                BodyPublishers.ofString(
                    "{\"model\":\"fast\",\"max_tokens\":16,\"user\":\"u\",\"messages\":[{\"role\":\"user\",\"content\":\"water\"}]}"))
            .build();
    var times = new ConcurrentLinkedQueue<Long>();
    var end = System.nanoTime() + time.toNanos();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = new ArrayList<Future<?>>();
      for (int i = 0; i < callers; i++) {
        running.add(
            threads.submit(
                () -> {
                  while (System.nanoTime() < end) {
                    times.add(ask(request));
                  }
                  return null;
                }));
      }
      for (var each : running) {
        each.get();
      }
    }
    return List.copyOf(times);
  }

  private long ask(HttpRequest request) throws IOException, InterruptedException {
    var started = System.nanoTime();
    var response = http.send(request, BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException("answered " + response.statusCode() + ": " + response.body());
    }
    return System.nanoTime() - started;
  }

  private static long median(List<Long> times) {
    var sorted = times.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
