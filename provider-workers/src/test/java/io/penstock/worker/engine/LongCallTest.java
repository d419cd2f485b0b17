package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Lane;
import io.penstock.worker.engine.Dispatcher.Refusal;
import io.penstock.worker.limit.PoolLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls of ten minutes in a partition where everything else takes milliseconds; time is ours. */
class LongCallTest {

  private static final TopicPartition PARTITION = new TopicPartition("calls", 0);
  private static final int QUICK = 200_000;
  private static final int CONCURRENCY = 200;

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final FakeTopic topic = new FakeTopic(1);
  private long nanos;

  @AfterEach
  void stopTimer() {
    timer.shutdownNow();
  }

  @Test
  void oneCallOfTenMinutesHoldsUpNobodyAndOnlyItIsRepeatedAfterACrash() {
    write("long");
    for (int i = 0; i < QUICK; i++) {
      write("q" + i);
    }
    var worker = new Worker();

    worker.runUntil(QUICK);

    assertThat(worker.longRunning).extracting(LongCallTest::name).containsExactly("long");
    worker.commit();
    var committed = Objects.requireNonNull(topic.committed.get(PARTITION));
    assertThat(committed.offset()).isZero();
    assertThat(committed.metadata().length()).isLessThan(100);
    assertThat(Objects.requireNonNull(OffsetMetadata.decode(committed.metadata())).finished())
        .satisfies(finished -> assertThat(finished.cardinality()).isEqualTo(QUICK));

    // kill -9: the next owner knows no more than what is committed
    write("after");
    var next = new Worker();
    next.runUntil(1);
    assertThat(next.ended).containsExactly("after");
    assertThat(next.longRunning).extracting(LongCallTest::name).containsExactly("long");
  }

  @Test
  void aHundredLongCallsAllOverThePartitionHoldUpNobodyEither() {
    for (int i = 0; i < QUICK; i++) {
      write(i % 2000 == 0 ? "long" + i : "q" + i);
    }
    var worker = new Worker();

    worker.runUntil(QUICK - 100);

    assertThat(worker.longRunning).hasSize(100);
    worker.commit();
    var next = new Worker();
    next.runUntil(0);
    assertThat(next.longRunning).hasSize(100);
    assertThat(next.ended).isEmpty();
    next.longRunning.forEach(next::end);
    next.commit();
    assertThat(Objects.requireNonNull(topic.committed.get(PARTITION)).offset()).isEqualTo(QUICK);
  }

  private void write(String name) {
    topic.append(0, name.getBytes(StandardCharsets.UTF_8));
  }

  private static String name(Ticket ticket) {
    return ticket.call().assigned().getRequestId();
  }

  private final class Worker implements Dispatcher.Starter {
    final List<Ticket> longRunning = new ArrayList<>();
    final List<String> ended = new ArrayList<>();
    private final ArrayDeque<Ticket> running = new ArrayDeque<>();
    private final Dispatcher dispatcher;
    private final LaneLoop loop;

    Worker() {
      var settings = EngineSettings.standard();
      var source = new FakeSource(topic, 500, Duration.ZERO);
      dispatcher =
          new Dispatcher(
              new PoolLimits(60_000_000L, null, CONCURRENCY),
              this,
              timer,
              () -> nanos,
              this::now,
              settings);
      loop =
          new LaneLoop(
              Calls.POOL,
              Lane.INTERACTIVE,
              source,
              new RecordReader(new NameReader()),
              dispatcher,
              new RecordingLog(),
              (_, _, _) -> Set.of(),
              new LaneLoad(CONCURRENCY + settings.bufferRecords(), settings.bufferBytesMax()),
              settings,
              this::now,
              () -> nanos,
              dispatcher::share,
              _ -> false,
              () -> {});
      source.subscribe(loop);
      source.assign(Set.of(PARTITION));
    }

    Instant now() {
      return Calls.ASSIGNED.plusNanos(nanos);
    }

    /** Half a minute goes by with all of them: what is long does not end meanwhile. */
    void runUntil(int calls) {
      for (int i = 0; i < 100_000 && (ended.size() < calls || i < 500); i++) {
        step();
      }
      assertThat(ended).hasSize(calls);
    }

    void commit() {
      nanos += Duration.ofSeconds(1).toNanos();
      loop.step();
      loop.step();
    }

    private void step() {
      nanos += 20_000_000L;
      loop.step();
      for (var ticket = running.poll(); ticket != null; ticket = running.poll()) {
        end(ticket);
      }
    }

    void end(Ticket ticket) {
      ended.add(name(ticket));
      dispatcher.answered(ticket, Reports.served());
      ticket.call().end();
      dispatcher.released(ticket);
    }

    @Override
    public void start(Ticket ticket) {
      (name(ticket).startsWith("long") ? longRunning : running).add(ticket);
    }

    @Override
    public void refuse(Call call, Refusal refusal) {
      throw new AssertionError("no call of this test is ever refused");
    }

    @Override
    public void changed() {}
  }

  private static final class NameReader implements Deserializer<CallAssigned> {
    @Override
    public CallAssigned deserialize(String name, byte[] data) {
      return Calls.call(
          new String(data, StandardCharsets.UTF_8), Lane.INTERACTIVE, AnswerTo.RESULT, "m");
    }
  }
}
