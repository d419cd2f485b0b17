package io.penstock.benchmarks;

import io.penstock.schemas.TrustedRecords;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.Surface;
import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.behaviour.Latency;
import io.penstock.simulator.calls.CallSummary;
import io.penstock.simulator.limit.RateLimits;
import io.penstock.simulator.limit.RateLimits.LimitHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * Two worker processes share one provider's limit on requests per minute: how much of it they use
 * (goodput), how often the provider has to refuse (429s), and whether every call ends. The broker,
 * the registry and the simulated provider (which holds one second's worth of requests) run in this
 * process. With {@code halve}, the provider's limit is halved after the first measurement, and
 * measured again a minute later.
 *
 * <p>Usage, from a built checkout: {@code java -Xmx768m -Dpenstock.log=WARN -Dpenstock.home=. -cp
 * "benchmarks/target/classes:standalone/target/penstock.jar:standalone/target/lib/*"
 * io.penstock.benchmarks.LimitGoodput RPM SECONDS known|headers|hidden [halve]}, for example {@code
 * 600 120 known halve}. {@code known}: the limit is in the catalogue, and the provider's headers
 * tell it. {@code headers}: only they do. {@code hidden}: nobody does.
 */
public final class LimitGoodput {

  private static final String POOL = "limited";
  private static final int TOO_MANY_REQUESTS = 429;
  private static final Duration SETTLE = Duration.ofMinutes(1);
  private static final double NANOS_PER_MINUTE = 60e9;

  private final long limit;
  private final int seconds;
  private final boolean configured;
  private final boolean headers;
  private final boolean halve;

  private LimitGoodput(long limit, int seconds, String mode, boolean halve) {
    this.limit = limit;
    this.seconds = seconds;
    this.configured = mode.equals("known");
    this.headers = !mode.equals("hidden");
    this.halve = halve;
  }

  /** See the class. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 3 || !Set.of("known", "headers", "hidden").contains(arguments[2])) {
      System.err.println("usage: LimitGoodput RPM SECONDS known|headers|hidden [halve]");
      System.exit(2);
    }
    TrustedRecords.trust();
    new LimitGoodput(
            Long.parseLong(arguments[0]),
            Integer.parseInt(arguments[1]),
            arguments[2],
            arguments.length > 3 && arguments[3].equals("halve"))
        .run();
    System.exit(0);
  }

  private void run() throws Exception {
    var limits =
        RateLimits.unlimited()
            .withRequests(limit)
            .withHeaders(headers ? LimitHeaders.SENT : LimitHeaders.HIDDEN);
    try (var simulator =
            Simulator.start(
                SimulatorConfig.standard()
                    .withLimits(limits)
                    .withLatency(Latency.parse("lognormal:300ms,0.5")),
                "127.0.0.1",
                0);
        var scratch = Scratch.open("limit-goodput");
        var stage = WorkerStage.open(scratch.path(), pool(simulator))) {
      stage.startWorker("worker-1", "-Xmx256m");
      stage.startWorker("worker-2", "-Xmx256m");
      var written = write(stage);
      while (simulator.log().summary().calls() == 0) {
        Thread.sleep(100);
      }
      // both have joined, and each has its half of the partitions
      Thread.sleep(10_000);
      measure("limit " + limit, simulator, limit);
      if (halve) {
        simulator.changeLimits(limits.withRequests(limit / 2));
        Thread.sleep(SETTLE);
        measure("a minute after it was halved", simulator, limit / 2);
        simulator.changeLimits(limits);
      }
      account(stage, written);
    }
  }

  private PoolEntry pool(Simulator simulator) {
    return PoolEntry.newBuilder()
        .setName(POOL)
        .setProvider("simulated")
        .setDialect("openai")
        .setBaseUrl(simulator.uri() + "/v1")
        .setCredentials(List.of())
        .setHeaders(Map.of())
        .setRequestsPerMinute(configured ? limit : null)
        .build();
  }

  /** More than can be served in the time of the measurements. */
  private int write(WorkerStage stage) {
    var time = (halve ? 2 * seconds + SETTLE.toSeconds() : seconds) + 30;
    var total = (int) (limit * time / 60);
    var body =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"What is a penstock?\"}]}"
            .getBytes(StandardCharsets.UTF_8);
    var topic = stage.clients().topics().calls(POOL, Lane.BATCH);
    try (var producer = stage.clients().producer("benchmark")) {
      for (int i = 0; i < total; i++) {
        // partition after partition, as the router does it
        producer.send(
            new ProducerRecord<>(
                topic, i % WorkerStage.PARTITIONS, null, call("request-" + i, body)));
      }
    }
    return total;
  }

  private static CallAssigned call(String requestId, byte[] body) {
    return CallAssigned.newBuilder()
        .setRequestId(requestId)
        .setOrganization("org")
        .setAttempt(1)
        .setPool(POOL)
        .setUpstreamModel("m")
        .setSurface(Surface.OPENAI_CHAT)
        .setLane(Lane.BATCH)
        .setAnswerTo(AnswerTo.RESULT)
        .setFacts(RequestFacts.newBuilder().setInputTokensBound((long) body.length).build())
        .setBody(new Payload(ByteBuffer.wrap(body), null, (long) body.length, null))
        .setAssignedAt(Instant.now())
        .setDeadlineAt(Instant.now().plus(Duration.ofHours(1)))
        .build();
  }

  private void measure(String what, Simulator simulator, long perMinute)
      throws InterruptedException {
    var before = simulator.log().summary();
    var began = System.nanoTime();
    Thread.sleep(Duration.ofSeconds(seconds));
    var after = simulator.log().summary();
    var allowed = perMinute * (System.nanoTime() - began) / NANOS_PER_MINUTE;
    var refused = refused(after) - refused(before);
    var calls = after.calls() - before.calls();
    System.out.printf(
        Locale.ROOT,
        "%-30s goodput %.3f of the limit, 429s %.2f %% of %d calls%n",
        what,
        (calls - refused) / allowed,
        100.0 * refused / Math.max(1, calls),
        calls);
  }

  private static long refused(CallSummary summary) {
    return summary.byStatus().getOrDefault(TOO_MANY_REQUESTS, 0L);
  }

  /** Waits until every call has ended, and says how. */
  private void account(WorkerStage stage, int written) throws InterruptedException {
    var clients = stage.clients();
    var finished = new HashSet<String>();
    var failed = new HashSet<String>();
    try (var consumer =
        clients.consumer(
            "benchmark", IsolationLevel.READ_UNCOMMITTED, SpecificRecord.class, Map.of())) {
      var partitions = new ArrayList<TopicPartition>();
      for (var topic : List.of(clients.topics().outcomes(), clients.topics().retries())) {
        consumer
            .partitionsFor(topic)
            .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var until = System.nanoTime() + Duration.ofMinutes(5).toNanos();
      while (finished.size() + failed.size() < written && System.nanoTime() < until) {
        for (var record : consumer.poll(Duration.ofMillis(500))) {
          switch (record.value()) {
            case CallFinished call -> finished.add(call.getRequestId());
            case CallFailed call -> failed.add(call.getRequestId());
            default -> {
              // nothing of ours
            }
          }
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "calls written %d, served %d, given back to the router %d, lost %d%n",
        written,
        finished.size(),
        failed.size(),
        written - finished.size() - failed.size());
  }
}
