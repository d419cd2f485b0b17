package io.penstock.benchmarks;

import io.penstock.platform.kafka.KafkaClients;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.schemas.avro.ReplyAddress;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.Surface;
import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.behaviour.Latency;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * One worker process with thousands of calls in flight: how much memory and processor it takes. The
 * broker, the registry and the simulated provider (latency 5 to 30 s) run in this process, the
 * worker in one of its own with a heap of 512 MB. Prints a row every five seconds, a summary at the
 * end.
 *
 * <p>Usage, from a built checkout: {@code java -Xmx768m -Dpenstock.log=WARN -Dpenstock.home=. -cp
 * "benchmarks/target/classes:standalone/target/penstock.jar:standalone/target/lib/*"
 * io.penstock.benchmarks.CallsInFlight CALLS SECONDS [stream]}, for example {@code 5000 60}.
 */
public final class CallsInFlight {

  private static final String POOL = "many";
  private static final Duration MEAN_LATENCY = Duration.ofMillis(17_500);
  private static final Pattern USED = Pattern.compile("used (\\d+)K");

  private final int calls;
  private final int seconds;
  private final boolean stream;

  private CallsInFlight(int calls, int seconds, boolean stream) {
    this.calls = calls;
    this.seconds = seconds;
    this.stream = stream;
  }

  /** See the class. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 2) {
      System.err.println("usage: CallsInFlight CALLS SECONDS [stream]");
      System.exit(2);
    }
    new CallsInFlight(
            Integer.parseInt(arguments[0]),
            Integer.parseInt(arguments[1]),
            arguments.length > 2 && arguments[2].equals("stream"))
        .run();
    System.exit(0);
  }

  private void run() throws Exception {
    try (var simulator =
            Simulator.start(
                SimulatorConfig.standard().withLatency(Latency.parse("uniform:5s,30s")),
                "127.0.0.1",
                0);
        var scratch = Scratch.open("calls-in-flight");
        var stage = WorkerStage.open(scratch.path(), pool(simulator))) {
      var worker = stage.startWorker("worker-1", "-Xmx512m", "-XX:+UseG1GC");
      var writer = Thread.ofPlatform().daemon().start(() -> write(stage.clients()));
      observe(worker, simulator);
      writer.interrupt();
    }
  }

  private PoolEntry pool(Simulator simulator) {
    return PoolEntry.newBuilder()
        .setName(POOL)
        .setProvider("simulated")
        .setDialect("openai")
        .setBaseUrl(simulator.uri() + "/v1")
        .setConcurrencyMax((long) calls)
        .build();
  }

  /** Enough calls that as many as wanted are always in flight. */
  private void write(KafkaClients clients) {
    var total = (int) (calls * (2 + seconds * 1000L / MEAN_LATENCY.toMillis()));
    var body =
        ("{\"model\":\"m\",\"stream\":"
                + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\""
                + "What is a penstock? ".repeat(100)
                + "\"}]}")
            .getBytes(StandardCharsets.UTF_8);
    try (var producer = clients.producer("benchmark")) {
      for (int i = 0; i < total && !Thread.currentThread().isInterrupted(); i++) {
        producer.send(
            new ProducerRecord<>(
                clients.topics().calls(POOL, Lane.INTERACTIVE),
                i % WorkerStage.PARTITIONS,
                null,
                call("request-" + i, body)));
      }
    }
  }

  private static CallAssigned call(String requestId, byte[] body) {
    return CallAssigned.newBuilder()
        .setRequestId(requestId)
        .setOrganization("org")
        .setAttempt(1)
        .setPool(POOL)
        .setUpstreamModel("m")
        .setSurface(Surface.OPENAI_CHAT)
        .setLane(Lane.INTERACTIVE)
        .setAnswerTo(AnswerTo.REPLY)
        .setReply(new ReplyAddress("ingress-1", 0))
        .setFacts(RequestFacts.newBuilder().setInputTokensBound((long) body.length).build())
        .setBody(new Payload(ByteBuffer.wrap(body), null, (long) body.length, null))
        .setAssignedAt(Instant.now())
        .setDeadlineAt(Instant.now().plus(Duration.ofMinutes(30)))
        .build();
  }

  private void observe(Process worker, Simulator simulator) throws Exception {
    var inFlight = new ArrayList<Integer>();
    var heapPeak = 0L;
    var processorBefore = processor(worker);
    var fullFrom = 0L;
    for (int second = 1; fullFrom == 0 || System.nanoTime() - fullFrom < seconds * 1e9; second++) {
      Thread.sleep(1000);
      if (!worker.isAlive()) {
        throw new IllegalStateException("the worker ended");
      }
      var now = simulator.log().summary().inFlight();
      if (fullFrom == 0 && (now >= calls * 0.99 || second > 90)) {
        fullFrom = System.nanoTime();
        processorBefore = processor(worker);
      }
      var heap = heapMegabytes(worker);
      heapPeak = Math.max(heapPeak, heap);
      if (fullFrom != 0) {
        inFlight.add(now);
      }
      if (second % 5 == 0) {
        System.out.printf(
            Locale.ROOT,
            "%4d s  %5d in flight  %6d served  heap %3d MB  resident %4d MB  processor %6.1f s%n",
            second,
            now,
            simulator.log().summary().served(),
            heap,
            residentMegabytes(worker),
            processor(worker).toMillis() / 1e3);
      }
    }
    var elapsed = (System.nanoTime() - fullFrom) / 1e9;
    Collections.sort(inFlight);
    System.out.printf(
        Locale.ROOT,
        "in flight: median %d, least %d; heap before collections: at most %d MB; processor %.0f %% of"
            + " one core over %.0f s%n",
        inFlight.get(inFlight.size() / 2),
        inFlight.getFirst(),
        heapPeak,
        processor(worker).minus(processorBefore).toMillis() / 10.0 / elapsed,
        elapsed);
  }

  private static Duration processor(Process process) {
    return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private static long heapMegabytes(Process worker) throws IOException {
    var jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(worker.pid()),
                "GC.heap_info")
            .redirectErrorStream(true)
            .start();
    var used =
        USED.matcher(new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    return used.find() ? Long.parseLong(used.group(1)) >> 10 : 0;
  }

  private static long residentMegabytes(Process worker) throws IOException {
    var status = Path.of("/proc", Long.toString(worker.pid()), "status");
    if (!Files.exists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
        .findFirst()
        .orElse(0);
  }
}
