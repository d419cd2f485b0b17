package io.penstock.router.stream;

import static io.penstock.router.Fixtures.ACME;
import static io.penstock.router.Fixtures.T0;
import static io.penstock.router.Fixtures.batchLine;
import static io.penstock.router.Fixtures.failed;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.router.Fixtures;
import io.penstock.router.RouterConfig;
import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Outcome;
import io.penstock.schemas.avro.RequestFinished;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Instant;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class RouteProcessorRestartTest {

  private final RecordSerdes serdes = RecordSerdes.inMemory("router-restart");
  private final KeyValueStore<String, byte[]> requests =
      store(RouterTopology.REQUEST_STORE, Serdes.String());
  private final KeyValueStore<String, byte[]> budgets =
      store(RouterTopology.BUDGET_STORE, Serdes.String());
  private final KeyValueStore<String, byte[]> paces =
      store(RouterTopology.PACE_STORE, Serdes.String());
  private final KeyValueStore<String, byte[]> refusals =
      store(RouterTopology.REFUSAL_STORE, Serdes.String());
  private final KeyValueStore<String, byte[]> repeats =
      store(RouterTopology.REPEAT_STORE, Serdes.String());
  private final KeyValueStore<Bytes, byte[]> delays =
      store(RouterTopology.DELAY_STORE, Serdes.Bytes());

  private static <K> KeyValueStore<K, byte[]> store(String name, Serde<K> keys) {
    return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), keys, Serdes.ByteArray())
        .withLoggingDisabled()
        .withCachingDisabled()
        .build();
  }

  private final class Life {
    final MockProcessorContext<String, Object> context =
        new MockProcessorContext<>(new Properties());
    final RouteProcessor processor =
        new RouteProcessor(
            new Topics(Topics.DEFAULT_PREFIX),
            Fixtures::table,
            new PoolStatuses(),
            RouterConfig.DEFAULTS,
            new RouterMetrics(new SimpleMeterRegistry()),
            serdes.serializer(),
            serdes.deserializer(CallAssigned.class));

    Life(Instant at) {
      context.setCurrentSystemTimeMs(at.toEpochMilli());
      for (StateStore store :
          new StateStore[] {requests, budgets, paces, refusals, repeats, delays}) {
        if (!store.isOpen()) {
          store.init(context.getStateStoreContext(), store);
        }
        context.addStateStore(store);
      }
      processor.init(context);
    }

    void process(SpecificRecord value) {
      processor.process(new Record<>(ACME, value, T0.toEpochMilli()));
    }

    void tick(Instant at) {
      context.setCurrentSystemTimeMs(at.toEpochMilli());
      context
          .scheduledPunctuators()
          .forEach(scheduled -> scheduled.getPunctuator().punctuate(at.toEpochMilli()));
    }

    <T> T forwarded(Class<T> type) {
      return context.forwarded().stream()
          .map(forward -> forward.record().value())
          .filter(type::isInstance)
          .map(type::cast)
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void aNewLifeWatchesTheOpenRequestsOfTheOld() {
    new Life(T0).process(batchLine("r1"));

    var second = new Life(T0.plusSeconds(60));
    var overdue = T0.plus(Fixtures.DEADLINE).plus(RouterConfig.DEFAULTS.deadlineGrace());
    // what was answered meanwhile would be read within these seconds
    for (int waited = 0; waited <= Backlog.QUIET.toSeconds(); waited++) {
      assertThat(second.context.forwarded()).isEmpty();
      second.tick(overdue.plusSeconds(waited));
    }

    assertThat(second.forwarded(RequestFinished.class).getErrorCode()).isEqualTo("batch_expired");
  }

  @Test
  void aRetryThatALostLifeHadMadeIsNotEndedByItsDeadlineBeforeItsAnswerIsRead() {
    var first = new Life(T0);
    first.process(batchLine("r1"));
    var call = first.forwarded(CallAssigned.class);
    first.process(failed(call, FailureKind.RATE_LIMITED, T0, 3_000L, null));
    var again = CallAssigned.newBuilder(call).setAttempt(2).build();

    var late = T0.plus(Fixtures.DEADLINE).plusSeconds(60);
    var second = new Life(late);
    second.tick(late);
    assertThat(second.context.forwarded()).isEmpty();
    second.process(Fixtures.finished(again, T0.plusSeconds(4)));

    assertThat(second.forwarded(RequestFinished.class).getOutcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(second.forwarded(UsageRecorded.class).getChargeNanoUsd()).isPositive();
  }

  @Test
  void aRetryWhoseTimeWasUpWhileNobodyWasThereEndsWhenNoAnswerIsRead() {
    var first = new Life(T0);
    first.process(batchLine("r1"));
    first.process(
        failed(first.forwarded(CallAssigned.class), FailureKind.RATE_LIMITED, T0, 3_000L, null));

    var late = T0.plus(Fixtures.DEADLINE).plusSeconds(60);
    var second = new Life(late);
    for (int waited = 0; waited <= Backlog.QUIET.toSeconds(); waited++) {
      assertThat(second.context.forwarded()).isEmpty();
      second.tick(late.plusSeconds(waited));
    }

    assertThat(second.forwarded(RequestFinished.class).getOutcome()).isEqualTo(Outcome.EXPIRED);
  }

  @Test
  void aNewLifeMakesTheCallsThatWaitedInTheOld() {
    var first = new Life(T0);
    first.process(batchLine("r1"));
    first.process(
        failed(first.forwarded(CallAssigned.class), FailureKind.RATE_LIMITED, T0, 3_000L, null));

    var second = new Life(T0.plusSeconds(1));
    second.tick(T0.plusSeconds(2));
    assertThat(second.context.forwarded()).isEmpty();
    second.tick(T0.plusSeconds(3));

    assertThat(second.forwarded(CallAssigned.class).getAttempt()).isEqualTo(2);
  }
}
