package io.penstock.router.stream;

import static io.penstock.router.Fixtures.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.platform.money.Money;
import io.penstock.router.Fixtures;
import io.penstock.router.admit.RoutingTable;
import io.penstock.router.budget.Balance;
import io.penstock.router.route.Costs.Call;
import io.penstock.router.route.Effect;
import io.penstock.router.route.RequestEvent;
import io.penstock.router.route.RequestState.Unknown;
import io.penstock.router.route.Router;
import io.penstock.router.route.World;
import io.penstock.router.select.PoolHealth.Condition;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Outcome;
import io.penstock.schemas.avro.RequestFinished;
import io.penstock.schemas.avro.UsageKind;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The router on one thread with one seed: records are lost, doubled and reordered, workers fail in
 * every way, and the router crashes and reads again what it had read, while the calls it had made
 * are out in the world.
 */
class SimulationTest {

  private static final int REQUESTS = 150;
  private static final FailureKind[] FAULTS = {
    FailureKind.RATE_LIMITED,
    FailureKind.SERVER_ERROR,
    FailureKind.OVERLOADED,
    FailureKind.CONNECT,
    FailureKind.TIMEOUT,
    FailureKind.CUT,
    FailureKind.UNUSABLE,
    FailureKind.AUTHENTICATION,
    FailureKind.BAD_REQUEST
  };

  private record Delivery(long atMillis, long order, String id, RequestEvent event) {}

  /** What one transaction covers: stores, delayed calls and committed outputs. */
  private static final class Log {
    final Map<String, byte[]> states = new HashMap<>();
    final Map<String, Balance> balances = new HashMap<>();
    final List<Delivery> delayed = new ArrayList<>();
    final List<RequestFinished> results = new ArrayList<>();
    final List<UsageRecorded> usage = new ArrayList<>();

    Log copy() {
      var copy = new Log();
      copy.states.putAll(states);
      copy.balances.putAll(balances);
      copy.delayed.addAll(delayed);
      copy.results.addAll(results);
      copy.usage.addAll(usage);
      return copy;
    }
  }

  private final StateCodec codec = new StateCodec();
  private final PriorityQueue<Delivery> queue =
      new PriorityQueue<>(
          java.util.Comparator.comparingLong(Delivery::atMillis)
              .thenComparingLong(Delivery::order));
  private final Map<String, Set<Call>> ended = new HashMap<>();
  private RoutingTable table = Fixtures.table();
  private Random random = new Random(0);
  private Log log = new Log();
  private Log committed = new Log();
  private List<Delivery> sinceCommit = new ArrayList<>();
  private long order;
  private long nowMillis = T0.toEpochMilli();
  private int crashes;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void everyAcceptedRequestEndsOnceAndIsChargedAtMostOnce(long seed) {
    random = new Random(seed);
    table =
        Fixtures.table(
            Fixtures.budget("all", BudgetScope.ORGANIZATION, null, 80 * 750_000L),
            Fixtures.budget("key", BudgetScope.API_KEY, Fixtures.KEY, 1_000_000_000L));

    submitAll();
    run();
    // what nobody answered is ended by the watchdog
    for (int i = 0; i < REQUESTS; i++) {
      deliver(Fixtures.DEADLINE.toMillis() + 60_000, "r" + i, new RequestEvent.DeadlinePassed());
    }
    run();

    theLawsHold();
  }

  private void submitAll() {
    for (int i = 0; i < REQUESTS; i++) {
      var id = "r" + i;
      var request = Fixtures.request(id, random.nextBoolean() ? "two" : "three", AnswerTo.RESULT);
      var requested = new RequestEvent.Requested(request);
      deliver(random.nextInt(60_000), id, requested);
      if (chance(20)) {
        deliver(random.nextInt(60_000), id, requested);
      }
      if (chance(10)) {
        deliver(random.nextInt(60_000), id, new RequestEvent.Cancelled(Fixtures.cancel(id)));
      }
    }
  }

  private void run() {
    while (true) {
      var next = next();
      if (next == null) {
        return;
      }
      nowMillis = Math.max(nowMillis, next.atMillis());
      handle(next);
      if (chance(10)) {
        committed = log.copy();
        sinceCommit.clear();
      } else if (chance(2)) {
        crash();
      }
    }
  }

  /** Delayed calls are part of the state: a crash takes them back too. */
  private Delivery next() {
    var delayed = log.delayed.stream().min(java.util.Comparator.comparingLong(Delivery::atMillis));
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
    var stored = log.states.get(delivery.id());
    var state = stored == null ? new Unknown() : codec.decode(stored);
    var world =
        new World(
            Instant.ofEpochMilli(nowMillis),
            table,
            (_, _) -> chance(10) ? Condition.DOWN : Condition.UP,
            account -> log.balances.getOrDefault(account, Balance.ZERO));
    var decision = Router.decide(state, delivery.event(), world);
    if (!(decision.next() instanceof Unknown)) {
      log.states.put(delivery.id(), codec.encode(decision.next()));
    }
    decision.effects().forEach(effect -> perform(delivery.id(), effect));
    log.balances.forEach(
        (account, balance) -> {
          assertThat(balance.held().isNegative()).isFalse();
          if (account.contains("all")) {
            assertThat(balance.used().nanoUsd()).isLessThanOrEqualTo(80 * 750_000L);
          }
        });
  }

  private void perform(String id, Effect effect) {
    switch (effect) {
      case Effect.Call(var call) -> work(call);
      case Effect.WaitUntil(var due, var call) ->
          log.delayed.add(
              new Delivery(due.toEpochMilli(), order++, id, new RequestEvent.Due(call)));
      case Effect.CancelCall _ -> {}
      case Effect.Finish(var result) -> log.results.add(result);
      case Effect.Reply _ -> throw new AssertionError("nobody waits");
      case Effect.RecordUsage(var usage) -> log.usage.add(usage);
      case Effect.PlaceHold(var hold) ->
          hold.names()
              .forEach(
                  name ->
                      log.balances.put(
                          name, log.balances.getOrDefault(name, Balance.ZERO).hold(hold.amount())));
      case Effect.SettleHold(var accounts, var held, var spent) ->
          accounts.forEach(
              name -> log.balances.computeIfPresent(name, (_, old) -> old.settle(held, spent)));
      case Effect.Flag _ -> {}
    }
  }

  /** A worker: answers, fails, says it twice, calls twice, or dies and says nothing. */
  private void work(CallAssigned call) {
    if (chance(3)) {
      return;
    }
    var calls = chance(5) ? 2 : 1;
    for (int i = 0; i < calls; i++) {
      var startedAt = Instant.ofEpochMilli(nowMillis + random.nextInt(1_000));
      var outcome = outcome(call, startedAt);
      var delay = 1 + random.nextInt(5_000);
      deliver(delay, call.getRequestId(), outcome);
      if (chance(15)) {
        deliver(delay + random.nextInt(20_000), call.getRequestId(), outcome);
      }
      ended
          .computeIfAbsent(call.getRequestId(), _ -> new HashSet<>())
          .add(new Call(call.getAttempt(), startedAt));
    }
  }

  private RequestEvent outcome(CallAssigned call, Instant startedAt) {
    if (!chance(35)) {
      return new RequestEvent.Finished(Fixtures.finished(call, startedAt));
    }
    var kind = FAULTS[random.nextInt(FAULTS.length)];
    var billed = kind == FailureKind.CUT || kind == FailureKind.TIMEOUT;
    return new RequestEvent.Failed(
        Fixtures.failed(
            call,
            kind,
            startedAt,
            kind == FailureKind.RATE_LIMITED ? (long) random.nextInt(8_000) : null,
            billed ? Fixtures.usage(80, 3) : null));
  }

  /**
   * The transaction is lost, the calls made in it are not; what was read is read again, in another
   * order.
   */
  private void crash() {
    crashes++;
    log = committed.copy();
    var again = List.copyOf(sinceCommit);
    sinceCommit = new ArrayList<>();
    for (var delivery : again) {
      deliver(random.nextInt(2_000), delivery.id(), delivery.event());
    }
  }

  private void deliver(long inMillis, String id, RequestEvent event) {
    queue.add(new Delivery(nowMillis + inMillis, order++, id, event));
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private void theLawsHold() {
    assertThat(crashes).isPositive();
    var resultIds = log.results.stream().map(RequestFinished::getRequestId).toList();
    assertThat(resultIds).hasSize(REQUESTS).doesNotHaveDuplicates();
    assertThat(log.usage).extracting(UsageRecorded::getUsageId).doesNotHaveDuplicates();
    assertThat(log.balances.values()).allSatisfy(b -> assertThat(b.held()).isEqualTo(Money.ZERO));

    var charged = 0L;
    var costed = new HashMap<String, Set<Call>>();
    for (var record : log.usage) {
      charged += record.getChargeNanoUsd();
      if (record.getKind() == UsageKind.LATE_COST) {
        assertThat(record.getChargeNanoUsd()).isZero();
      }
      for (var attempt : record.getAttempts()) {
        var call = new Call(attempt.getNumber(), attempt.getStartedAt());
        assertThat(costed.computeIfAbsent(record.getRequestId(), _ -> new HashSet<>()).add(call))
            .as("%s of %s is costed once", call, record.getRequestId())
            .isTrue();
      }
    }
    assertThat(log.balances)
        .containsEntry("org_acme|all|lifetime", new Balance(new Money(charged), Money.ZERO));
    var owed = log.results.stream().mapToLong(RequestFinished::getChargeNanoUsd).sum();
    assertThat(owed).isEqualTo(charged);
    // every call that ended is accounted for, late or not, unless its request was refused for good
    ended.forEach(
        (id, calls) -> assertThat(costed.getOrDefault(id, Set.of())).as(id).isEqualTo(calls));
    assertThat(log.results)
        .filteredOn(result -> result.getOutcome() == Outcome.SUCCEEDED)
        .hasSizeGreaterThan(REQUESTS / 3);
  }
}
