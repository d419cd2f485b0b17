package io.penstock.worker.http;

import io.helidon.http.HeaderNames;
import io.helidon.webclient.api.WebClient;
import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.behaviour.Latency;
import io.penstock.worker.dialect.Json;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The measurement behind the choice of HTTP client; run by hand, never by tests: {@code <client>
 * <address> <concurrency> <seconds>}, client {@code jdk}, {@code apache} or {@code helidon}; or
 * {@code simulator <port> <latency in ms, from> <to>} for the other side.
 */
public final class HttpClientMeasurement {

  private static final byte[] BODY =
      ("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
              + "word ".repeat(150)
              + "\"}]}")
          .getBytes(StandardCharsets.UTF_8);

  private HttpClientMeasurement() {}

  /** One blocking POST. */
  interface Poster {
    int post() throws Exception;
  }

  /** Prints one line. */
  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("simulator")) {
      simulate(arguments);
      return;
    }
    var uri = URI.create(arguments[1] + "/v1/chat/completions");
    var concurrency = Integer.parseInt(arguments[2]);
    var seconds = Integer.parseInt(arguments[3]);
    var poster = poster(arguments[0], uri, concurrency);
    round(poster, concurrency, Math.min(seconds, 6));
    var cpu =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    var witnessBefore = served(arguments[1]);
    var cpuBefore = cpu.getProcessCpuTime();
    var began = System.nanoTime();
    var latencies = round(poster, concurrency, seconds);
    var elapsed = (System.nanoTime() - began) / 1e9;
    var cpuSeconds = (cpu.getProcessCpuTime() - cpuBefore) / 1e9;
    // our own count is only believed when the other side counted the same
    var witnessed = served(arguments[1]) - witnessBefore;
    if (witnessed != latencies.length) {
      throw new IllegalStateException(
          "we counted " + latencies.length + " calls, the simulator served " + witnessed);
    }
    System.gc();
    var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 20;
    var rss =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmRSS"))
            .findFirst()
            .orElse("");
    Arrays.sort(latencies);
    System.out.printf(
        "%s c=%d: %d calls in %.1f s, both sides agree: %.0f calls/s, cpu %.0f us/call, p50 %.2f ms, p99 %.2f ms, live heap %d MiB, %s, load %.1f%n",
        arguments[0],
        concurrency,
        latencies.length,
        elapsed,
        latencies.length / elapsed,
        cpuSeconds * 1e6 / latencies.length,
        latencies[latencies.length / 2] / 1e6,
        latencies[latencies.length * 99 / 100] / 1e6,
        heap,
        rss.replaceAll("\\s+", " "),
        cpu.getSystemLoadAverage());
    System.exit(0);
  }

  private static long served(String address) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(URI.create(address + "/sim/summary")).build();
      var body = http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
      return Json.MAPPER.readTree(body).path("served").asLong();
    }
  }

  private static void simulate(String[] arguments) throws InterruptedException {
    var config =
        SimulatorConfig.standard()
            .withCallsKeptMax(0)
            .withLatency(
                new Latency.Uniform(
                    Duration.ofMillis(Long.parseLong(arguments[2])),
                    Duration.ofMillis(Long.parseLong(arguments[3]))));
    try (var simulator = Simulator.start(config, "127.0.0.1", Integer.parseInt(arguments[1]))) {
      System.out.println(simulator.uri());
      Thread.currentThread().join();
    }
  }

  private static long[] round(Poster poster, int concurrency, int seconds) throws Exception {
    var until = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    var latencies = new long[4_000_000];
    var count = new AtomicInteger();
    var failures = new AtomicLong();
    var done = new CountDownLatch(concurrency);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < concurrency; i++) {
        threads.submit(
            () -> {
              while (System.nanoTime() < until) {
                var began = System.nanoTime();
                try {
                  if (poster.post() == 200) {
                    latencies[count.getAndIncrement()] = System.nanoTime() - began;
                  } else {
                    failures.incrementAndGet();
                  }
                } catch (Exception e) {
                  failures.incrementAndGet();
                }
              }
              done.countDown();
            });
      }
      done.await();
    }
    if (failures.get() > 0) {
      System.out.println("failures: " + failures.get());
    }
    return Arrays.copyOf(latencies, count.get());
  }

  private static Poster poster(String name, URI uri, int concurrency) {
    return switch (name) {
      case "apache" -> {
        var client = new ApacheUpstreamClient(concurrency + 10, 32 << 20, Duration.ofSeconds(5));
        var timeouts =
            new Timeouts(
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ofSeconds(600));
        var request = new UpstreamRequest(uri, Map.of("authorization", "Bearer x"), BODY, timeouts);
        yield () ->
            client.post(request, new Cancellation()) instanceof UpstreamResult.Answered answered
                ? answered.status()
                : 0;
      }
      case "jdk" -> {
        var client =
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
        var request =
            HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(60))
                .header("authorization", "Bearer x")
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(BODY))
                .build();
        yield () -> client.send(request, HttpResponse.BodyHandlers.ofByteArray()).statusCode();
      }
      case "helidon" -> {
        var client =
            WebClient.builder()
                .connectTimeout(Duration.ofSeconds(5))
                .readTimeout(Duration.ofSeconds(60))
                .connectionCacheSize(concurrency + 10)
                .addProtocolPreference("http/1.1")
                .build();
        yield () -> {
          try (var response =
              client
                  .post()
                  .uri(uri)
                  .header(HeaderNames.AUTHORIZATION, "Bearer x")
                  .header(HeaderNames.CONTENT_TYPE, "application/json")
                  .submit(BODY)) {
            response.entity().as(byte[].class);
            return response.status().code();
          }
        };
      }
      default -> throw new IllegalArgumentException("no such client: " + name);
    };
  }
}
