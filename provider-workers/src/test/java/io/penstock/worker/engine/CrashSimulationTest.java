package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Lane;
import io.penstock.worker.engine.CallSource.Position;
import io.penstock.worker.engine.Dispatcher.Refusal;
import io.penstock.worker.limit.PoolLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two workers, one thread, one seed: records with holes, calls that end in any order, kill -9,
 * partitions that move. The laws hold at every commit and at the end.
 */
class CrashSimulationTest {

  private static final int PARTITIONS = 4;
  private static final int RECORDS = 1200;
  private static final int CONCURRENCY = 40;

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  @AfterEach
  void stopTimer() {
    timer.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void everyRecordIsCalledAndOnlyCallsInFlightAreRepeated(int seed) {
    var world = new World(new Random(seed));
    world.run();

    assertThat(world.written).hasSize(RECORDS);
    assertThat(world.outcomes.keySet()).containsAll(world.written);
    world.starts.forEach(
        (request, starts) ->
            assertThat(starts)
                .as("calls of %s", request)
                .isLessThanOrEqualTo(1 + world.timesInFlightAtALoss.getOrDefault(request, 0)));
  }

  /** What outlives every worker. */
  private final class World {
    final Random random;
    final FakeTopic topic = new FakeTopic(PARTITIONS);
    final Map<String, Instant> outcomes = new HashMap<>();
    final Map<String, Integer> starts = new HashMap<>();
    final Map<String, Integer> timesInFlightAtALoss = new HashMap<>();
    final Set<String> written = new HashSet<>();
    final Map<TopicPartition, Map<Long, String>> names = new HashMap<>();
    final List<Worker> workers = new ArrayList<>();
    long nanos;
    boolean moving;

    World(Random random) {
      this.random = random;
    }

    Instant now() {
      return Calls.ASSIGNED.plusNanos(nanos);
    }

    void run() {
      workers.add(new Worker(this));
      share();
      while (outcomes.size() < RECORDS) {
        nanos += random.nextInt(20_000_000);
        var worker = workers.get(random.nextInt(workers.size()));
        switch (random.nextInt(400)) {
          case 0 -> crash(worker);
          case 1 -> rebalance();
          default -> act(worker);
        }
        assertCommitsAreTrue();
      }
    }

    void act(Worker worker) {
      var dice = random.nextInt(10);
      if (dice < 3 && written.size() < RECORDS) {
        write();
      } else if (dice < 6) {
        worker.loop.step();
      } else {
        worker.endOne(random);
      }
    }

    void write() {
      var partition = random.nextInt(PARTITIONS);
      if (random.nextInt(5) == 0) {
        topic.hole(partition);
      }
      var name = "r" + written.size();
      var key = new TopicPartition("calls", partition);
      names.computeIfAbsent(key, _ -> new HashMap<>()).put(topic.end(key), name);
      topic.append(partition, name.getBytes(StandardCharsets.UTF_8));
      written.add(name);
    }

    /**
     * kill -9: nothing is committed, nobody waits; another worker starts from what the group knows.
     */
    void crash(Worker worker) {
      worker.running.forEach(
          ticket ->
              timesInFlightAtALoss.merge(ticket.call().assigned().getRequestId(), 1, Integer::sum));
      workers.remove(worker);
      workers.add(new Worker(this));
      share();
    }

    void rebalance() {
      if (workers.size() == 1) {
        workers.add(new Worker(this));
      } else {
        moving = !moving;
      }
      share();
    }

    /** All revoke before any of them is given something, as a group does it. */
    void share() {
      var all = List.copyOf(topic.records.keySet());
      workers.forEach(worker -> worker.source.revokeNow());
      for (int i = 0; i < workers.size(); i++) {
        var mine = new HashSet<TopicPartition>();
        for (int p = 0; p < all.size(); p++) {
          if ((p + (moving ? 1 : 0)) % workers.size() == i) {
            mine.add(all.get(p));
          }
        }
        workers.get(i).countLost(mine);
        workers.get(i).source.assign(mine);
        workers.get(i).loop.step();
      }
    }

    void assertCommitsAreTrue() {
      topic.committed.forEach(
          (partition, position) ->
              names
                  .getOrDefault(partition, Map.of())
                  .forEach(
                      (offset, name) -> {
                        if (!outcomes.containsKey(name) && covers(position, offset)) {
                          throw new AssertionError(name + " is committed at " + position);
                        }
                      }));
    }

    private static boolean covers(Position position, long offset) {
      if (offset < position.offset()) {
        return true;
      }
      var metadata = OffsetMetadata.decode(position.metadata());
      return metadata != null && metadata.finished().get((int) (offset - position.offset()));
    }

    Set<CallKey> since(Instant from) {
      return outcomes.entrySet().stream()
          .filter(outcome -> !outcome.getValue().isBefore(from))
          .map(outcome -> new CallKey(outcome.getKey(), 1, null))
          .collect(Collectors.toSet());
    }
  }

  /** One process; what it knows dies with it. */
  private final class Worker implements Dispatcher.Starter {
    final World world;
    final FakeSource source;
    final LaneLoop loop;
    final List<Ticket> running = new ArrayList<>();
    private final Dispatcher dispatcher;

    Worker(World world) {
      this.world = world;
      this.source = new FakeSource(world.topic, 20, Duration.ZERO);
      var standard = EngineSettings.standard();
      var settings =
          new EngineSettings(
              standard.drain(),
              Duration.ZERO,
              standard.commitInterval(),
              standard.commitRefresh(),
              30,
              standard.bufferBytesMax(),
              200,
              standard.metadataCharactersMax(),
              standard.interactivePatience(),
              standard.batchPatience(),
              standard.streamBytesMax());
      this.dispatcher =
          new Dispatcher(
              new PoolLimits(60_000_000L, null, CONCURRENCY),
              this,
              timer,
              () -> world.nanos,
              world::now,
              settings);
      this.loop =
          new LaneLoop(
              Calls.POOL,
              Lane.INTERACTIVE,
              source,
              new RecordReader(new NameReader()),
              dispatcher,
              new RecordingLog(),
              (pool, lane, from) -> world.since(from),
              new LaneLoad(CONCURRENCY + 30, 1 << 20),
              settings,
              world::now,
              () -> world.nanos,
              dispatcher::share,
              _ -> false,
              () -> {});
      source.subscribe(loop);
    }

    @Override
    public void start(Ticket ticket) {
      running.add(ticket);
      world.starts.merge(ticket.call().assigned().getRequestId(), 1, Integer::sum);
    }

    @Override
    public void refuse(Call call, Refusal refusal) {
      throw new AssertionError("no call of this test is ever refused");
    }

    @Override
    public void changed() {}

    /** What runs while its partition goes to somebody else may be called once more. */
    void countLost(Set<TopicPartition> kept) {
      for (var ticket : running) {
        if (!kept.contains(ticket.call().progress().partition())) {
          world.timesInFlightAtALoss.merge(
              ticket.call().assigned().getRequestId(), 1, Integer::sum);
        }
      }
    }

    void endOne(Random random) {
      if (running.isEmpty()) {
        return;
      }
      var ticket = running.remove(random.nextInt(running.size()));
      world.outcomes.putIfAbsent(ticket.call().assigned().getRequestId(), world.now());
      dispatcher.answered(ticket, Reports.served());
      ticket.call().end();
      dispatcher.released(ticket);
    }
  }

  private static final class NameReader implements Deserializer<CallAssigned> {
    @Override
    public CallAssigned deserialize(String topic, byte[] data) {
      return Calls.call(
          new String(data, StandardCharsets.UTF_8), Lane.INTERACTIVE, AnswerTo.RESULT, "m");
    }
  }
}
