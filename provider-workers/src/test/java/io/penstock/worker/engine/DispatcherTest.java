package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CircuitState;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Lane;
import io.penstock.worker.engine.Dispatcher.Next;
import io.penstock.worker.engine.Dispatcher.Refusal;
import io.penstock.worker.limit.Circuit.Outcome;
import io.penstock.worker.limit.CredentialLimits;
import io.penstock.worker.limit.PerMinute;
import io.penstock.worker.limit.PoolLimits;
import io.penstock.worker.limit.Share;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which call begins when, in virtual time: what is due begins when somebody asks. */
class DispatcherTest {

  private static final long FAST = 60_000_000;
  private static final long MILLI = 1_000_000L;

  private final ScheduledExecutorService timer = new SilentTimer();
  private final PartitionProgress partition =
      new PartitionProgress(
          new TopicPartition("calls", 0), new CompletedOffsets(0), Set.of(), Long.MAX_VALUE);
  private final List<Ticket> started = new ArrayList<>();
  private final List<Refused> refused = new ArrayList<>();
  private long nanos;
  private int changes;
  private int offset;

  /** Alarms do nothing: the test says when time has passed. */
  private static final class SilentTimer extends ScheduledThreadPoolExecutor {
    SilentTimer() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable action, long delay, TimeUnit unit) {
      return super.schedule(() -> {}, delay, unit);
    }
  }

  private record Refused(String request, Refusal refusal) {}

  @AfterEach
  void stopTimer() {
    timer.shutdownNow();
  }

  @Test
  void everyPermitGoesToAnInteractiveCallWhileOneWaits() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 20));
    offer(dispatcher, Lane.BATCH, "m", 50);
    offer(dispatcher, Lane.INTERACTIVE, "m", 30);
    assertThat(lanes()).as("the first 19 were batch: nobody else waited").hasSize(20);

    for (int i = 0; i < 20; i++) {
      finish(dispatcher, started.get(i), Reports.served());
    }

    assertThat(lanes().subList(19, 40)).containsOnly(Lane.INTERACTIVE);
  }

  @Test
  void aRateThatAllowsOneCallAllowsTheInteractiveOne() {
    var dispatcher = dispatcher(new PoolLimits(60L, null, 1000));
    offer(dispatcher, Lane.BATCH, "m", 10);
    var before = started.size();
    offer(dispatcher, Lane.INTERACTIVE, "m", 5);

    for (int i = 0; i < 5; i++) {
      pass(dispatcher, 1100);
    }

    assertThat(lanes().subList(before, before + 5)).containsOnly(Lane.INTERACTIVE);
  }

  @Test
  void aRefusedCallIsMadeAgainWithAnotherCredentialAndNotEarlierThanTheProviderSaid() {
    var dispatcher = dispatcher(two());
    offer(dispatcher, Lane.BATCH, "m", 1);
    var first = started.removeFirst();

    var next = dispatcher.answered(first, Reports.rateLimited(Duration.ofSeconds(20)));

    assertThat(next).isEqualTo(Next.AGAIN);
    assertThat(changes).isEqualTo(1);
    pass(dispatcher, 1400);
    assertThat(started).isEmpty();
    pass(dispatcher, 101);
    assertThat(started).hasSize(1);
    assertThat(started.getFirst().permit().credential()).isNotEqualTo(first.permit().credential());
    assertThat(dispatcher.running()).isEqualTo(1);
  }

  @Test
  void aCallerWhoWaitsIsNotKeptThroughALongPause() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 10));
    offer(dispatcher, Lane.INTERACTIVE, "m", 1);

    var next = dispatcher.answered(started.getFirst(), Reports.rateLimited(Duration.ofSeconds(3)));

    assertThat(next).isEqualTo(Next.WRITE);
  }

  @Test
  void aCallerForWhomAnotherTargetIsFreeIsKeptThroughShortPausesOnly() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 10));
    hurried(dispatcher);
    hurried(dispatcher);

    var afterShort =
        dispatcher.answered(started.removeFirst(), Reports.rateLimited(Duration.ofMillis(100)));
    var afterLong =
        dispatcher.answered(started.removeFirst(), Reports.rateLimited(Duration.ofSeconds(1)));

    assertThat(afterShort).isEqualTo(Next.AGAIN);
    assertThat(afterLong).isEqualTo(Next.WRITE);
  }

  @Test
  void aCallerForWhomAnotherTargetIsFreeDoesNotJoinThoseWhoWaitForAPause() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 10));
    offer(dispatcher, Lane.INTERACTIVE, "m", 1);
    dispatcher.answered(started.removeFirst(), Reports.rateLimited(Duration.ofMillis(1_500)));

    hurried(dispatcher);

    assertThat(refused)
        .containsExactly(new Refused("r1", new Refusal.Paused(Duration.ofMillis(1_500))));
    assertThat(dispatcher.waiting()).as("the first waits for its own pool").isEqualTo(1);
  }

  @Test
  void aCallerForWhomAnotherTargetIsFreeWaitsHalfASecondForAKnownLimit() {
    var dispatcher = dispatcher(new PoolLimits(600L, null, 1000));
    for (int i = 0; i < 60; i++) {
      hurried(dispatcher);
    }
    var atOnce = started.size();

    for (int i = 0; i < 10; i++) {
      pass(dispatcher, 105);
    }

    assertThat(started.size() - atOnce).as("ten a second for half a second").isBetween(3, 6);
    assertThat(started.size() + refused.size()).isEqualTo(60);
    assertThat(refused).allMatch(each -> each.refusal() instanceof Refusal.Paused);
  }

  @Test
  void aCallWhoseDeadlineComesBeforeTheNextTryGoesToTheRouter() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 10));
    var call = call(Lane.BATCH, "m");
    call.assigned().setDeadlineAt(now().plusSeconds(2));
    dispatcher.offer(Lane.BATCH, List.of(call));

    var next = dispatcher.answered(started.getFirst(), Reports.rateLimited(Duration.ofSeconds(3)));

    assertThat(next).isEqualTo(Next.WRITE);
  }

  @Test
  void aCallIsMadeAgainThreeTimesAtMost() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 10));
    offer(dispatcher, Lane.BATCH, "m", 1);
    var answers = new ArrayList<Next>();

    for (int i = 0; i < 4; i++) {
      answers.add(
          dispatcher.answered(started.removeLast(), Reports.rateLimited(Duration.ofMillis(100))));
      pass(dispatcher, 1500);
    }

    assertThat(answers).containsExactly(Next.AGAIN, Next.AGAIN, Next.AGAIN, Next.WRITE);
  }

  @Test
  void aCallThatWaitsToBeMadeAgainGoesAwayWithItsPartition() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 10));
    offer(dispatcher, Lane.BATCH, "m", 1);
    dispatcher.answered(started.removeFirst(), Reports.rateLimited(Duration.ofSeconds(2)));

    assertThat(partition.idle()).as("it is no call that runs").isTrue();
    assertThat(dispatcher.withdraw(Lane.BATCH, Set.of(partition))).hasSize(1);
    pass(dispatcher, 5000);
    assertThat(started).isEmpty();
  }

  @Test
  void aCallOfAPartitionThatIsGoingAwayIsNotMadeAgainHere() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 10));
    offer(dispatcher, Lane.BATCH, "m", 1);
    partition.suspend();

    var next = dispatcher.answered(started.getFirst(), Reports.rateLimited(Duration.ofMillis(100)));

    assertThat(next).isEqualTo(Next.WRITE);
    assertThat(dispatcher.running()).isEqualTo(1);
  }

  @Test
  void aCancelFindsACallThatWaitsToBeMadeAgain() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 10));
    offer(dispatcher, Lane.BATCH, "m", 1);
    dispatcher.answered(started.removeFirst(), Reports.rateLimited(Duration.ofSeconds(2)));

    dispatcher.cancel("r0");

    assertThat(refused).containsExactly(new Refused("r0", new Refusal.Cancelled()));
    assertThat(dispatcher.waiting()).isZero();
  }

  @Test
  void aCallRefusedForItsCredentialIsMadeAgainWithTheOther() {
    var dispatcher = dispatcher(two());
    offer(dispatcher, Lane.INTERACTIVE, "m", 1);
    var first = started.removeFirst();

    assertThat(dispatcher.answered(first, Reports.refusedCredential())).isEqualTo(Next.AGAIN);

    pass(dispatcher, 1500);
    assertThat(started.getFirst().permit().credential()).isNotEqualTo(first.permit().credential());
  }

  @Test
  void withEveryCredentialRefusedNothingIsSentUntilASecretChanges() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 10));
    offer(dispatcher, Lane.BATCH, "m", 3);
    for (var ticket : List.copyOf(started)) {
      assertThat(dispatcher.answered(ticket, Reports.refusedCredential())).isEqualTo(Next.WRITE);
      dispatcher.released(ticket);
    }

    offer(dispatcher, Lane.BATCH, "m", 1);
    assertThat(refused)
        .containsExactly(
            new Refused(
                "r3",
                new Refusal.CredentialsOut(FailureKind.AUTHENTICATION, Duration.ofSeconds(5))));

    dispatcher.restored(PoolLimits.ONLY);
    offer(dispatcher, Lane.BATCH, "m", 1);
    assertThat(started).hasSize(4);
  }

  @Test
  void whileACircuitIsOpenCallersAreSentElsewhereAndBatchWorkWaits() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 100));
    fail(dispatcher, "bad");
    changes = 0;

    offer(dispatcher, Lane.INTERACTIVE, "bad", 1);
    offer(dispatcher, Lane.BATCH, "bad", 3);
    offer(dispatcher, Lane.BATCH, "good", 1);

    assertThat(refused).hasSize(1);
    assertThat(refused.getFirst().refusal()).isInstanceOf(Refusal.CircuitOpen.class);
    assertThat(started).extracting(ticket -> ticket.waiting().upstreamModel()).containsOnly("good");
    assertThat(dispatcher.waiting()).isEqualTo(3);
    assertThat(dispatcher.gauge().circuit()).isEqualTo(CircuitState.OPEN);
    assertThat(dispatcher.gauge().upstreams().getFirst().getProbeAt())
        .isBetween(now().plusSeconds(4), now().plusSeconds(5));
  }

  @Test
  void aCircuitThatClosesLetsAllBeginThatWaitedForIt() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 100));
    fail(dispatcher, "bad");
    offer(dispatcher, Lane.BATCH, "bad", 5);

    pass(dispatcher, 5000);
    assertThat(started).as("one probe at a time").hasSize(1);
    finish(dispatcher, started.getLast(), Reports.served());
    assertThat(started).hasSize(2);
    changes = 0;
    finish(dispatcher, started.getLast(), Reports.served());

    assertThat(changes).as("the others are told").isEqualTo(1);
    assertThat(started).as("all begin, in their order").hasSize(5);
    assertThat(started)
        .extracting(ticket -> ticket.call().offset())
        .isSortedAccordingTo(Long::compare);
  }

  @Test
  void batchWorkThatWaitedLongForACircuitGoesToTheRouter() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 100));
    fail(dispatcher, "bad");
    offer(dispatcher, Lane.BATCH, "bad", 2);

    for (int i = 0; i < 40 && refused.isEmpty(); i++) {
      pass(dispatcher, 1000);
      List.copyOf(started)
          .forEach(
              ticket -> {
                started.remove(ticket);
                finish(dispatcher, ticket, Reports.failed(Outcome.SILENT));
              });
    }

    assertThat(refused).hasSizeLessThanOrEqualTo(2);
    assertThat(dispatcher.waiting()).isZero();
  }

  @Test
  void aModelThatHasToWaitHoldsUpNoOtherInEitherLane() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 100));
    offer(dispatcher, Lane.BATCH, "limited", 1);
    dispatcher.answered(started.removeFirst(), Reports.rateLimited(Duration.ofSeconds(1)));

    offer(dispatcher, Lane.INTERACTIVE, "limited", 3);
    offer(dispatcher, Lane.INTERACTIVE, "free", 2);
    offer(dispatcher, Lane.BATCH, "limited", 3);
    offer(dispatcher, Lane.BATCH, "free", 2);

    assertThat(started)
        .extracting(ticket -> ticket.waiting().upstreamModel(), ticket -> ticket.waiting().lane())
        .containsExactly(
            tuple("free", Lane.INTERACTIVE),
            tuple("free", Lane.INTERACTIVE),
            tuple("free", Lane.BATCH),
            tuple("free", Lane.BATCH));
    assertThat(dispatcher.aside(Lane.BATCH)).isEqualTo(3);
    pass(dispatcher, 1001);
    for (int i = 0; i < 20; i++) {
      pass(dispatcher, 100);
    }
    assertThat(lanes().subList(4, 11))
        .as("callers first, as ever")
        .containsExactly(
            Lane.INTERACTIVE,
            Lane.INTERACTIVE,
            Lane.INTERACTIVE,
            Lane.BATCH,
            Lane.BATCH,
            Lane.BATCH,
            Lane.BATCH);
  }

  @Test
  void amongModelsThatShareALimitGoesFirstWhoCameFirst() {
    var dispatcher = dispatcher(new PoolLimits(60L, null, 1000));
    offer(dispatcher, Lane.BATCH, "a", 1);
    var requests = started.size();
    for (int i = 0; i < 3; i++) {
      offer(dispatcher, Lane.BATCH, i % 2 == 0 ? "b" : "a", 1);
    }

    for (int i = 0; i < 4; i++) {
      pass(dispatcher, 1100);
    }

    assertThat(requests).isEqualTo(1);
    assertThat(started)
        .extracting(ticket -> ticket.waiting().upstreamModel())
        .containsExactly("a", "b", "a", "b");
  }

  @Test
  void whileNoOtherModelIsAskedForNobodyIsSetAside() {
    var dispatcher = dispatcher(new PoolLimits(60L, null, 1000));

    offer(dispatcher, Lane.BATCH, "m", 10);

    assertThat(dispatcher.aside(Lane.BATCH)).isZero();
  }

  @Test
  void aPauseOfAModelElsewhereHoldsTheSameModelHere() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 100));
    dispatcher.pausedElsewhere(PoolLimits.ONLY, "m", Duration.ofSeconds(1));

    offer(dispatcher, Lane.BATCH, "m", 1);
    offer(dispatcher, Lane.BATCH, "other", 1);

    assertThat(started)
        .extracting(ticket -> ticket.waiting().upstreamModel())
        .containsExactly("other");
  }

  @Test
  void aLongPauseOfAModelSendsOnlyItsOwnCallsToTheRouter() {
    var dispatcher = dispatcher(new PoolLimits(1L, null, 100));
    offer(dispatcher, Lane.BATCH, "first", 1);
    dispatcher.pausedElsewhere(PoolLimits.ONLY, "m", Duration.ofSeconds(50));
    offer(dispatcher, Lane.BATCH, "m", 1);
    offer(dispatcher, Lane.BATCH, "other", 1);

    dispatcher.sweep();

    assertThat(refused)
        .containsExactly(new Refused("r1", new Refusal.Paused(Duration.ofSeconds(50))));
  }

  @Test
  void whatAnotherWorkerWasToldHoldsThisOneToo() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 100));
    dispatcher.pausedElsewhere(PoolLimits.ONLY, null, Duration.ofSeconds(1));

    offer(dispatcher, Lane.BATCH, "m", 1);
    assertThat(started).isEmpty();

    pass(dispatcher, 1001);
    assertThat(started).hasSize(1);
  }

  @Test
  void nothingBeginsAfterTheStopAndARefusedCallIsWritten() {
    var dispatcher = dispatcher(new PoolLimits(FAST, null, 100));
    offer(dispatcher, Lane.BATCH, "m", 1);
    dispatcher.stop();

    var next = dispatcher.answered(started.getFirst(), Reports.rateLimited(Duration.ofMillis(10)));

    assertThat(next).isEqualTo(Next.WRITE);
  }

  private Dispatcher dispatcher(PoolLimits limits) {
    var dispatcher =
        new Dispatcher(
            limits,
            new Dispatcher.Starter() {
              @Override
              public void start(Ticket ticket) {
                started.add(ticket);
              }

              @Override
              public void refuse(Call call, Refusal refusal) {
                refused.add(new Refused(call.assigned().getRequestId(), refusal));
                call.end();
              }

              @Override
              public void changed() {
                changes++;
              }
            },
            timer,
            () -> nanos,
            this::now,
            EngineSettings.standard());
    dispatcher.share(new Share(1, 1));
    return dispatcher;
  }

  private static PoolLimits two() {
    return new PoolLimits(
        List.of(new CredentialLimits("a", FAST, null), new CredentialLimits("b", FAST, null)),
        PerMinute.UNKNOWN,
        100);
  }

  private void offer(Dispatcher dispatcher, Lane lane, String model, int count) {
    var calls = new ArrayList<Call>();
    for (int i = 0; i < count; i++) {
      calls.add(call(lane, model));
    }
    dispatcher.offer(lane, calls);
  }

  /** A call that a caller waits for while another target is free. */
  private void hurried(Dispatcher dispatcher) {
    var call = call(Lane.INTERACTIVE, "m");
    call.assigned().setPatienceMs(500L);
    dispatcher.offer(Lane.INTERACTIVE, List.of(call));
  }

  private Call call(Lane lane, String model) {
    var at = offset++;
    partition.deliver(at);
    return new Call(
        Calls.call("r" + at, lane, AnswerTo.RESULT, model),
        partition,
        at,
        new LaneLoad(1000, 1 << 20),
        100,
        null);
  }

  private static void finish(Dispatcher dispatcher, Ticket ticket, CallReport report) {
    dispatcher.answered(ticket, report);
    ticket.call().end();
    dispatcher.released(ticket);
  }

  private void fail(Dispatcher dispatcher, String model) {
    offer(dispatcher, Lane.BATCH, model, 5);
    List.copyOf(started)
        .forEach(ticket -> finish(dispatcher, ticket, Reports.failed(Outcome.SILENT)));
    started.clear();
  }

  private void pass(Dispatcher dispatcher, long millis) {
    nanos += millis * MILLI;
    dispatcher.sweep();
  }

  private Instant now() {
    return Calls.ASSIGNED.plusNanos(nanos);
  }

  private List<Lane> lanes() {
    return started.stream().map(ticket -> ticket.waiting().lane()).toList();
  }
}
