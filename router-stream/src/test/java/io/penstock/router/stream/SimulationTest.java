package io.penstock.router.stream;

import static io.penstock.router.Fixtures.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Accounts;
import io.penstock.router.Fixtures;
import io.penstock.router.admit.RoutingTable;
import io.penstock.router.budget.Balance;
import io.penstock.router.pace.Levels;
import io.penstock.router.route.Costs.Call;
import io.penstock.router.route.Effect;
import io.penstock.router.route.RequestEvent;
import io.penstock.router.route.RequestState.Unknown;
import io.penstock.router.route.Router;
import io.penstock.router.route.World;
import io.penstock.router.select.PoolHealth.Condition;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.BudgetPosting;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Outcome;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.RequestFinished;
import io.penstock.schemas.avro.UsageKind;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The router on one thread with one seed: records are lost, doubled and reordered, workers fail in
 * every way, and the router crashes and reads again what it had read, while the calls it had made
 * are out in the world.
 */
class SimulationTest {

  private static final int REQUESTS = 150;
  private static final long LIMIT = 80 * 750_000L;
  private static final String ALL = "org_acme|all||lifetime";
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
    Accounts accounts = new Accounts();
    final List<Delivery> delayed = new ArrayList<>();
    final List<RequestFinished> results = new ArrayList<>();
    final List<UsageRecorded> usage = new ArrayList<>();
    final List<ReplyFinished> replies = new ArrayList<>();

    Log copy() {
      var copy = new Log();
      copy.states.putAll(states);
      copy.accounts = accounts.copy();
      copy.delayed.addAll(delayed);
      copy.results.addAll(results);
      copy.usage.addAll(usage);
      copy.replies.addAll(replies);
      return copy;
    }
  }

  private final StateCodec codec = new StateCodec();
  private final PriorityQueue<Delivery> queue =
      new PriorityQueue<>(
          java.util.Comparator.comparingLong(Delivery::atMillis)
              .thenComparingLong(Delivery::order));
  private final Map<String, Set<Call>> ended = new HashMap<>();
  private final Set<String> cancelled = new HashSet<>();
  private final Map<String, CallAssigned> made = new HashMap<>();
  private final Map<String, RequestEvent> ends = new HashMap<>();
  private RoutingTable table = Fixtures.table();
  private Random random = new Random(0);
  private Log log = new Log();
  private Log committed = new Log();
  private List<Delivery> sinceCommit = new ArrayList<>();
  private long order;
  private long nowMillis = T0.toEpochMilli();
  private int crashes;
  private int broken;
  private int continued;

  /** Ten, or as many as {@code -Dpenstock.seeds} says. */
  static LongStream seeds() {
    return LongStream.rangeClosed(1, Long.getLong("penstock.seeds", 10));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyAcceptedRequestEndsOnceAndIsChargedAtMostOnce(long seed) {
    random = new Random(seed);
    table =
        Fixtures.table(
            Fixtures.budget("all", BudgetScope.ORGANIZATION, null, LIMIT),
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
      var request =
          streams(id)
              ? Fixtures.stream(id)
              : Fixtures.request(id, random.nextBoolean() ? "two" : "three", AnswerTo.RESULT);
      var requested = new RequestEvent.Requested(request);
      deliver(random.nextInt(60_000), id, requested);
      if (chance(20)) {
        deliver(random.nextInt(60_000), id, requested);
      }
      if (chance(streams(id) ? 30 : 10)) {
        deliver(random.nextInt(60_000), id, new RequestEvent.Cancelled(Fixtures.cancel(id)));
      }
    }
  }

  /** Every third request is a stream that its caller waits for. */
  private static boolean streams(String id) {
    return Integer.parseInt(id.substring(1)) % 3 == 0;
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
            log.accounts,
            Levels.NONE);
    var decision = Router.decide(state, asItEnded(delivery), world);
    if (!(decision.next() instanceof Unknown)) {
      log.states.put(delivery.id(), codec.encode(decision.next()));
    }
    decision.effects().forEach(effect -> perform(delivery.id(), effect));
    for (var account : log.accounts.kept.keySet()) {
      assertThat(log.accounts.of(account).held()).isNotNegative();
    }
    assertThat(log.accounts.of(ALL).used()).isLessThanOrEqualTo(LIMIT + late());
  }

  /** What was posted after holds had been released: recorded, and the only way above the limit. */
  private long late() {
    return log.usage.stream()
        .filter(record -> record.getKind() == UsageKind.LATE_COST)
        .mapToLong(SimulationTest::posted)
        .sum();
  }

  private static long posted(UsageRecorded record) {
    return record.getPostings().stream()
        .filter(posting -> posting.getAccount().equals(ALL))
        .mapToLong(BudgetPosting::getPosted)
        .sum();
  }

  private void perform(String id, Effect effect) {
    switch (effect) {
      case Effect.Call(var call) -> {
        continued += call.getContinuation() == null ? 0 : 1;
        work(call);
      }
      case Effect.WaitUntil(var due, var call) ->
          log.delayed.add(
              new Delivery(due.toEpochMilli(), order++, id, new RequestEvent.Due(call)));
      case Effect.CancelCall(var cancel) -> cancelled.add(cancel.getRequestId());
      case Effect.Finish(var result) -> log.results.add(result);
      case Effect.Reply(_, var reply) -> {
        assertThat(streams(id)).as("somebody waits for %s", id).isTrue();
        log.replies.add(reply);
      }
      case Effect.RecordUsage(var usage) -> log.usage.add(usage);
      case Effect.PlaceHold(var hold) -> log.accounts.place(hold);
      case Effect.SettleHold(var postings) -> log.accounts.settle(postings);
      case Effect.MarkTold(var account) -> log.accounts.markTold(account);
      case Effect.RememberRefusal _,
          Effect.CountRefusal _,
          Effect.Remember _,
          Effect.Forget _,
          Effect.Audit _,
          Effect.AuditSeldom _ -> {}
      case Effect.TakePace _, Effect.GiveBackPace _, Effect.StandInLine _, Effect.Flag _ -> {}
    }
  }

  /** A cancel reaches about every second call that still runs, and ends it with what it has. */
  private RequestEvent asItEnded(Delivery delivery) {
    if (!cancelled.contains(delivery.id())) {
      return delivery.event();
    }
    return switch (delivery.event()) {
      case RequestEvent.Finished(var outcome) ->
          stopped(delivery, new Call(outcome.getAttempt(), outcome.getStartedAt()));
      case RequestEvent.Failed(var outcome) ->
          stopped(delivery, new Call(outcome.getAttempt(), outcome.getStartedAt()));
      case RequestEvent other -> other;
    };
  }

  private RequestEvent stopped(Delivery delivery, Call call) {
    return ends.computeIfAbsent(
        delivery.id() + call,
        name ->
            chance(50)
                ? delivery.event()
                : new RequestEvent.Failed(
                    Fixtures.failed(
                        Objects.requireNonNull(made.get(name)),
                        FailureKind.CANCELLED,
                        call.startedAt(),
                        null,
                        Fixtures.usage(80, 7))));
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
      made.put(call.getRequestId() + new Call(call.getAttempt(), startedAt), call);
      ended
          .computeIfAbsent(call.getRequestId(), _ -> new HashSet<>())
          .add(new Call(call.getAttempt(), startedAt));
    }
  }

  private RequestEvent outcome(CallAssigned call, Instant startedAt) {
    if (!chance(35)) {
      return new RequestEvent.Finished(Fixtures.finished(call, startedAt));
    }
    var breaks = call.getFacts().getStream() && chance(50);
    var kind = breaks ? FailureKind.CUT : FAULTS[random.nextInt(FAULTS.length)];
    var billed = kind == FailureKind.CUT || kind == FailureKind.TIMEOUT;
    var failed =
        Fixtures.failed(
            call,
            kind,
            startedAt,
            kind == FailureKind.RATE_LIMITED ? (long) random.nextInt(8_000) : null,
            billed ? Fixtures.usage(80, 3) : null);
    if (billed && call.getFacts().getStream() && chance(60)) {
      var continuation = call.getContinuation();
      var before = continuation == null ? 0 : continuation.getDelivered().getPieces();
      failed.setDelivered(Fixtures.delivered(before + 1 + random.nextInt(5), chance(80)));
      broken++;
    }
    return new RequestEvent.Failed(failed);
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
    assertThat(resultIds).hasSize(REQUESTS - (REQUESTS + 2) / 3).doesNotHaveDuplicates();
    theStreamsEnded();
    assertThat(log.usage).extracting(UsageRecorded::getUsageId).doesNotHaveDuplicates();
    assertThat(log.accounts.held()).isZero();

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
    var posted = log.usage.stream().mapToLong(SimulationTest::posted).sum();
    assertThat(log.accounts.of(ALL)).isEqualTo(new Balance(posted, 0));
    assertThat(posted).isGreaterThanOrEqualTo(charged);
    var owed = log.results.stream().mapToLong(RequestFinished::getChargeNanoUsd).sum();
    var streamed =
        log.usage.stream()
            .filter(record -> streams(record.getRequestId()))
            .mapToLong(UsageRecorded::getChargeNanoUsd)
            .sum();
    assertThat(owed + streamed).isEqualTo(charged);
    // every call that ended is accounted for, late or not, unless its request was refused for good
    ended.forEach(
        (id, calls) -> assertThat(costed.getOrDefault(id, Set.of())).as(id).isEqualTo(calls));
    assertThat(log.results)
        .filteredOn(result -> result.getOutcome() == Outcome.SUCCEEDED)
        .hasSizeGreaterThan(REQUESTS / 5);
  }

  /** Each stream was settled once, or refused; whoever was told of an error was told once. */
  private void theStreamsEnded() {
    assertThat(broken).isPositive();
    assertThat(continued).isPositive();
    assertThat(log.replies).extracting(ReplyFinished::getRequestId).doesNotHaveDuplicates();
    var settled =
        log.usage.stream()
            .filter(record -> record.getKind() == UsageKind.SETTLEMENT)
            .map(UsageRecorded::getRequestId)
            .toList();
    var told = log.replies.stream().map(ReplyFinished::getRequestId).toList();
    for (int i = 0; i < REQUESTS; i += 3) {
      assertThat(settled.contains("r" + i) || told.contains("r" + i)).as("r" + i).isTrue();
    }
    assertThat(log.usage)
        .filteredOn(record -> record.getChargeNanoUsd() > 0 && !record.getSucceeded())
        .allSatisfy(
            record -> {
              assertThat(streams(record.getRequestId())).isTrue();
              assertThat(record.getErrorCode()).isEqualTo("cancelled");
            });
  }
}
