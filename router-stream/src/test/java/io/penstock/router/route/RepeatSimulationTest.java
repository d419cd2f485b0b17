package io.penstock.router.route;

import static io.penstock.router.Fixtures.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Accounts;
import io.penstock.router.Fixtures;
import io.penstock.router.admit.Refusals;
import io.penstock.router.pace.Levels;
import io.penstock.router.route.RequestState.Unknown;
import io.penstock.router.select.PoolHealth;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.UsageKind;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Callers who ask again under the same key, on one thread with one seed: before, while and after
 * the first is answered; while calls fail, outcomes are doubled, and the router crashes and reads
 * again what it had read.
 */
class RepeatSimulationTest {

  private static final int KEYS = 60;
  private static final int ASKED_MAX = 6;

  private record Delivery(long atMillis, long order, String id, RequestEvent event) {}

  /** What one transaction covers. */
  private static final class Log {
    final Map<String, RequestState> states = new HashMap<>();
    final Map<String, Remembered> remembered = new HashMap<>();
    Accounts accounts = new Accounts();
    final List<Delivery> delayed = new ArrayList<>();
    final List<UsageRecorded> usage = new ArrayList<>();
    final List<ReplyFinished> replies = new ArrayList<>();

    Log copy() {
      var copy = new Log();
      copy.states.putAll(states);
      copy.remembered.putAll(remembered);
      copy.accounts = accounts.copy();
      copy.delayed.addAll(delayed);
      copy.usage.addAll(usage);
      copy.replies.addAll(replies);
      return copy;
    }
  }

  private final PriorityQueue<Delivery> queue =
      new PriorityQueue<>(
          Comparator.comparingLong(Delivery::atMillis).thenComparingLong(Delivery::order));
  private final Map<String, String> keys = new HashMap<>();
  private Random random = new Random(0);
  private Log log = new Log();
  private Log committed = new Log();
  private List<Delivery> sinceCommit = new ArrayList<>();
  private long order;
  private long nowMillis = T0.toEpochMilli();

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Long.getLong("penstock.seeds", 20));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aKeyIsChargedOnceAndEverybodyWhoAsksUnderItHearsTheSame(long seed) {
    random = new Random(seed);
    for (int key = 0; key < KEYS; key++) {
      for (int i = random.nextInt(ASKED_MAX); i >= 0; i--) {
        ask("k" + key, "k" + key + "-" + i, random.nextInt(20_000));
      }
    }
    run();
    for (var id : List.copyOf(keys.keySet())) {
      deliver(10 * 60_000, id, new RequestEvent.DeadlinePassed());
    }
    run();

    var charged = new HashMap<String, String>();
    for (var usage : log.usage) {
      if (usage.getKind() != UsageKind.LATE_COST && usage.getChargeNanoUsd() > 0) {
        var key = keys.get(usage.getRequestId());
        assertThat(charged.put(key, usage.getRequestId())).as("charged under " + key).isNull();
      }
    }
    assertThat(charged).as("something was answered").isNotEmpty();
    var heard = new HashSet<String>();
    for (var reply : log.replies) {
      heard.add(reply.getRequestId());
      var key = keys.get(reply.getRequestId());
      if (reply.getHttpStatus() == 200) {
        assertThat(reply.getReplayOf()).isEqualTo(charged.get(key));
      }
    }
    heard.addAll(charged.values());
    assertThat(heard).as("nobody waits in vain").containsAll(keys.keySet());
    assertThat(log.accounts.held()).isZero();
    assertThat(log.remembered.values()).allMatch(Remembered.Answered.class::isInstance);
    assertThat(log.remembered).hasSize(charged.size());
  }

  private void ask(String key, String id, int inMillis) {
    keys.put(id, key);
    var request = Fixtures.request(id, "two", AnswerTo.BOTH);
    request.setIdempotencyKey(key);
    request.setFingerprint("f");
    request.setAcceptedAt(Instant.ofEpochMilli(nowMillis + inMillis));
    request.setDeadlineAt(T0.plus(Duration.ofMinutes(5)));
    deliver(inMillis, id, new RequestEvent.Requested(request));
  }

  private void run() {
    while (true) {
      var next = next();
      if (next == null) {
        return;
      }
      nowMillis = Math.max(nowMillis, next.atMillis());
      handle(next);
      if (random.nextInt(100) < 10) {
        committed = log.copy();
        sinceCommit.clear();
      } else if (random.nextInt(100) < 2) {
        crash();
      }
    }
  }

  private Delivery next() {
    var delayed = log.delayed.stream().min(Comparator.comparingLong(Delivery::atMillis));
    var first = queue.peek();
    if (delayed.isPresent() && (first == null || delayed.get().atMillis() <= first.atMillis())) {
      log.delayed.remove(delayed.get());
      return delayed.get();
    }
    return queue.poll();
  }

  private void handle(Delivery delivery) {
    if (!(delivery.event() instanceof RequestEvent.Due)) {
      sinceCommit.add(delivery);
    }
    var world =
        new World(
            Instant.ofEpochMilli(nowMillis),
            Fixtures.table(),
            PoolHealth.ALL_UP,
            log.accounts,
            Levels.NONE,
            Refusals.NONE,
            (_, key) -> log.remembered.get(key));
    var state = log.states.getOrDefault(delivery.id(), new Unknown());
    var decision = Router.decide(state, delivery.event(), world);
    log.states.put(delivery.id(), decision.next());
    decision.effects().forEach(effect -> perform(delivery.id(), effect));
  }

  private void perform(String id, Effect effect) {
    switch (effect) {
      case Effect.Call(var call) -> work(call);
      case Effect.WaitUntil(var due, var call) ->
          log.delayed.add(
              new Delivery(due.toEpochMilli(), order++, id, new RequestEvent.Due(call)));
      case Effect.Reply(_, var reply) -> log.replies.add(reply);
      case Effect.RecordUsage(var usage) -> log.usage.add(usage);
      case Effect.PlaceHold(var hold) -> log.accounts.place(hold);
      case Effect.SettleHold(var postings) -> log.accounts.settle(postings);
      case Effect.MarkTold(var account) -> log.accounts.markTold(account);
      case Effect.Remember(_, var key, var what, _) -> log.remembered.put(key, what);
      case Effect.Forget(_, var key) -> log.remembered.remove(key);
      case Effect.CancelCall _,
          Effect.CountRefusal _,
          Effect.Finish _,
          Effect.RememberRefusal _,
          Effect.Audit _,
          Effect.AuditSeldom _,
          Effect.TakePace _,
          Effect.GiveBackPace _,
          Effect.StandInLine _,
          Effect.Flag _ -> {}
    }
  }

  /** A worker: answers, fails, says it twice, or dies and says nothing. */
  private void work(CallAssigned call) {
    if (random.nextInt(100) < 3) {
      return;
    }
    var startedAt = Instant.ofEpochMilli(nowMillis + random.nextInt(1_000));
    var outcome =
        random.nextInt(100) < 60
            ? new RequestEvent.Finished(Fixtures.finished(call, startedAt))
            : new RequestEvent.Failed(
                Fixtures.failed(
                    call,
                    random.nextBoolean() ? FailureKind.BAD_REQUEST : FailureKind.SERVER_ERROR,
                    startedAt));
    var delay = 1 + random.nextInt(5_000);
    deliver(delay, call.getRequestId(), outcome);
    if (random.nextInt(100) < 15) {
      deliver(delay + random.nextInt(20_000), call.getRequestId(), outcome);
    }
  }

  /**
   * The transaction is lost, the calls made in it are not. Requests of one topic are read again in
   * their order, outcomes in any.
   */
  private void crash() {
    log = committed.copy();
    var again = List.copyOf(sinceCommit);
    sinceCommit = new ArrayList<>();
    for (var delivery : again) {
      deliver(
          delivery.event() instanceof RequestEvent.Requested ? 0 : random.nextInt(2_000),
          delivery.id(),
          delivery.event());
    }
  }

  private void deliver(long inMillis, String id, RequestEvent event) {
    queue.add(new Delivery(nowMillis + inMillis, order++, id, event));
  }
}
