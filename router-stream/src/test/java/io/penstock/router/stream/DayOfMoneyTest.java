package io.penstock.router.stream;

import static io.penstock.router.Fixtures.ACME;
import static io.penstock.router.Fixtures.T0;
import static io.penstock.router.Fixtures.budget;
import static io.penstock.router.Fixtures.credit;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Accounts;
import io.penstock.router.Fixtures;
import io.penstock.router.admit.RoutingTable;
import io.penstock.router.budget.AccountNames;
import io.penstock.router.budget.Balance;
import io.penstock.router.pace.Levels;
import io.penstock.router.route.Effect;
import io.penstock.router.route.RequestEvent;
import io.penstock.router.route.RequestState.InFlight;
import io.penstock.router.route.RequestState.Unknown;
import io.penstock.router.route.Router;
import io.penstock.router.route.World;
import io.penstock.router.select.PoolHealth;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.BudgetWindow;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.TokenUsage;
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
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Twenty-four hours of one organisation's money on one thread with one seed: every kind of budget
 * and credit in force, limits and prices that change meanwhile, windows that roll over, records
 * that come twice, late or in another order, workers that die, and a router that dies and reads
 * again.
 */
class DayOfMoneyTest {

  private static final int REQUESTS = 2_000;
  private static final long DAY = Duration.ofHours(24).toMillis();
  private static final FailureKind[] FAULTS = {
    FailureKind.SERVER_ERROR,
    FailureKind.TIMEOUT,
    FailureKind.CUT,
    FailureKind.UNUSABLE,
    FailureKind.CONNECT,
    FailureKind.BAD_REQUEST
  };

  private record Delivery(long atMillis, long order, String id, RequestEvent event) {}

  /** What one transaction covers. */
  private static final class Log {
    final Map<String, byte[]> states = new HashMap<>();
    Accounts accounts = new Accounts();
    final List<Delivery> delayed = new ArrayList<>();
    final List<UsageRecorded> usage = new ArrayList<>();

    Log copy() {
      var copy = new Log();
      copy.states.putAll(states);
      copy.accounts = accounts.copy();
      copy.delayed.addAll(delayed);
      copy.usage.addAll(usage);
      return copy;
    }
  }

  private final StateCodec codec = new StateCodec();

  /** What the providers themselves say that they have served: tokens of each call, in and out. */
  private final Map<String, TokenUsage> witness = new HashMap<>();

  private final PriorityQueue<Delivery> queue =
      new PriorityQueue<>(
          Comparator.comparingLong(Delivery::atMillis).thenComparingLong(Delivery::order));
  private Random random = new Random(0);
  private RoutingTable table = Fixtures.table();
  private List<BudgetEntry> budgets = List.of();
  private Log log = new Log();
  private Log committed = new Log();
  private List<Delivery> sinceCommit = new ArrayList<>();
  private long order;
  private long nowMillis = T0.toEpochMilli();
  private int crashes;
  private final Set<String> refused = new HashSet<>();
  private long nextChange;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void bud07AfterADayOfFaultsNothingIsHeldAndEveryAccountIsTheSumOfItsPostings(long seed) {
    random = new Random(seed);
    change();
    for (int i = 0; i < REQUESTS; i++) {
      submit("r" + i, random.nextLong(DAY));
    }

    run();

    for (int i = 0; i < REQUESTS; i++) {
      deliver(Fixtures.DEADLINE.toMillis() * 2, "r" + i, new RequestEvent.DeadlinePassed());
    }
    run();
    assertThat(crashes).isPositive();
    assertThat(refused).hasSizeGreaterThan(50);
    theBooksAgree();
    theProvidersCountTheSame();
  }

  /** Another version of all budgets and prices: limits move, one budget comes and goes. */
  private void change() {
    var hour = rolling(limited("hour", BudgetScope.ORGANIZATION, 30_000_000, BudgetWindow.HOUR));
    var day = limited("day", BudgetScope.API_KEY, 400_000_000, BudgetWindow.DAY);
    day.setTimeZone("Australia/Lord_Howe");
    var users = limited("users", BudgetScope.ORGANIZATION, 8_000, BudgetWindow.HOUR);
    users.setUnit(BudgetUnit.TOKENS);
    users.setGroupBy(List.of(BudgetScope.END_USER));
    var tags = limited("tags", BudgetScope.TAG, 40, BudgetWindow.HOUR);
    tags.setScopeName(null);
    tags.setUnit(BudgetUnit.REQUESTS);
    var soft = limited("soft", BudgetScope.ORGANIZATION, 50_000_000, BudgetWindow.LIFETIME);
    soft.setHard(false);
    soft.setAlertPercent(List.of(50, 100));
    budgets = new ArrayList<>(List.of(hour, day, users, tags, soft));
    if (random.nextBoolean()) {
      budgets.remove(random.nextInt(budgets.size()));
    }
    table =
        Fixtures.prepaid(
            List.of(
                credit("gift", 20_000_000, 0, T0.plus(Duration.ofHours(5))),
                credit("paid", 900_000_000, 1, null),
                credit("more", 100_000_000 + random.nextInt(900_000_000), 1, null)),
            budgets.toArray(BudgetEntry[]::new));
    var version = 4 + random.nextInt(90);
    table =
        Fixtures.repriced(
            table, "cheap", version, "0." + (10 + version), "0." + (10 + random.nextInt(80)));
    nextChange = nowMillis + random.nextLong(Duration.ofHours(2).toMillis());
  }

  private BudgetEntry limited(String id, BudgetScope scope, long limit, BudgetWindow window) {
    var name = scope == BudgetScope.API_KEY ? Fixtures.KEY : null;
    return budget(id, scope, name, limit / 2 + random.nextLong(limit), window, true);
  }

  private static BudgetEntry rolling(BudgetEntry budget) {
    budget.setRolling(true);
    return budget;
  }

  private void submit(String id, long inMillis) {
    var request = Fixtures.request(id, random.nextBoolean() ? "one" : "two", AnswerTo.RESULT);
    request.setEndUser(random.nextInt(3) == 0 ? null : "u|" + random.nextInt(4));
    request.setTags(random.nextBoolean() ? List.of() : List.of("a", "b" + random.nextInt(2)));
    var accepted = Instant.ofEpochMilli(nowMillis + inMillis);
    request.setAcceptedAt(accepted);
    request.setDeadlineAt(accepted.plus(Fixtures.DEADLINE));
    var requested = new RequestEvent.Requested(request);
    deliver(inMillis, id, requested);
    if (chance(20)) {
      deliver(inMillis + random.nextInt(60_000), id, requested);
    }
    if (chance(8)) {
      deliver(
          inMillis + random.nextInt(5_000), id, new RequestEvent.Cancelled(Fixtures.cancel(id)));
    }
    deliver(
        inMillis + Fixtures.DEADLINE.toMillis() + 30_000, id, new RequestEvent.DeadlinePassed());
  }

  private void run() {
    while (true) {
      var delayed = log.delayed.stream().min(Comparator.comparingLong(Delivery::atMillis));
      var first = queue.peek();
      Delivery next;
      if (delayed.isPresent() && (first == null || delayed.get().atMillis() <= first.atMillis())) {
        next = delayed.get();
        log.delayed.remove(next);
      } else if (first != null) {
        next = queue.remove();
      } else {
        return;
      }
      nowMillis = Math.max(nowMillis, next.atMillis());
      if (nowMillis > nextChange) {
        change();
      }
      handle(next);
      if (chance(5)) {
        committed = log.copy();
        sinceCommit.clear();
      } else if (random.nextInt(500) == 0) {
        crash();
      }
    }
  }

  private void handle(Delivery delivery) {
    if (!(delivery.event() instanceof RequestEvent.Due)) {
      sinceCommit.add(delivery);
    }
    var stored = log.states.get(delivery.id());
    var state = stored == null ? new Unknown() : codec.decode(stored);
    // a clock that goes back, now and then
    var now = Instant.ofEpochMilli(nowMillis - (chance(2) ? random.nextInt(300_000) : 0));
    var world = new World(now, table, PoolHealth.ALL_UP, log.accounts, Levels.NONE);
    var decision = Router.decide(state, delivery.event(), world);
    if (!(decision.next() instanceof Unknown)) {
      log.states.put(delivery.id(), codec.encode(decision.next()));
    }
    for (var effect : decision.effects()) {
      perform(delivery.id(), effect);
    }
    if (decision.next() instanceof InFlight && state instanceof Unknown) {
      nothingHardIsExceeded(decision.effects());
    }
  }

  /** I3, at the position of every hold: what was just admitted fits all that it was held on. */
  private void nothingHardIsExceeded(List<Effect> effects) {
    for (var effect : effects) {
      if (!(effect instanceof Effect.PlaceHold(var hold))) {
        continue;
      }
      for (var account : hold.accounts()) {
        for (var budget : budgets) {
          if (budget.getHard() && account.name().startsWith(ACME + "|" + budget.getId() + "|")) {
            assertThat(log.accounts.of(account.name()).used())
                .isLessThanOrEqualTo(budget.getLimitNanoUsd());
          }
        }
      }
    }
  }

  private void perform(String id, Effect effect) {
    switch (effect) {
      case Effect.Call(var call) -> work(call);
      case Effect.WaitUntil(var due, var call) ->
          log.delayed.add(
              new Delivery(due.toEpochMilli(), order++, id, new RequestEvent.Due(call)));
      case Effect.RecordUsage(var usage) -> log.usage.add(usage);
      case Effect.PlaceHold(var hold) -> log.accounts.place(hold);
      case Effect.SettleHold(var postings) -> log.accounts.settle(postings);
      case Effect.MarkTold(var account) -> log.accounts.markTold(account);
      case Effect.Finish(var result) -> {
        if ("budget_exceeded".equals(result.getErrorCode())) {
          refused.add(id);
        }
      }
      case Effect.CancelCall _,
          Effect.Reply _,
          Effect.RememberRefusal _,
          Effect.CountRefusal _,
          Effect.Remember _,
          Effect.Forget _,
          Effect.Audit _,
          Effect.AuditSeldom _,
          Effect.TakePace _,
          Effect.GiveBackPace _,
          Effect.StandInLine _,
          Effect.Flag _ -> {}
    }
  }

  /** Answers, fails, says it twice, calls twice, says it hours later, or dies and says nothing. */
  private void work(CallAssigned call) {
    if (chance(4)) {
      return;
    }
    for (int i = chance(4) ? 2 : 1; i > 0; i--) {
      var outcome = outcome(call, unusedStart(call));
      var delay = chance(3) ? random.nextLong(2 * Fixtures.DEADLINE.toMillis()) : 5_000;
      deliver(delay, call.getRequestId(), outcome);
      if (chance(15)) {
        deliver(delay + random.nextInt(90_000), call.getRequestId(), outcome);
      }
    }
  }

  /** A call is known by its number and its start, so no two of a request begin at once. */
  private Instant unusedStart(CallAssigned call) {
    var startedAt = Instant.ofEpochMilli(nowMillis + random.nextInt(1_000));
    while (witness.containsKey(name(call.getRequestId(), call.getAttempt(), startedAt))) {
      startedAt = startedAt.plusMillis(1);
    }
    return startedAt;
  }

  private static String name(String request, int attempt, Instant startedAt) {
    return request + " " + attempt + " " + startedAt;
  }

  private RequestEvent outcome(CallAssigned call, Instant startedAt) {
    var name = name(call.getRequestId(), call.getAttempt(), startedAt);
    if (!chance(30)) {
      var finished = Fixtures.finished(call, startedAt);
      if (chance(3)) {
        // above its hold
        finished.setUsage(Fixtures.usage(100, 900));
      }
      witness.put(name, finished.getUsage());
      return new RequestEvent.Finished(finished);
    }
    var kind = FAULTS[random.nextInt(FAULTS.length)];
    var billed =
        kind == FailureKind.CUT || kind == FailureKind.TIMEOUT || kind == FailureKind.UNUSABLE;
    var usage = billed ? Fixtures.usage(80, random.nextInt(50)) : null;
    if (usage != null) {
      witness.put(name, usage);
    }
    return new RequestEvent.Failed(Fixtures.failed(call, kind, startedAt, null, usage));
  }

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

  /** Every call that a provider bills is in the books once, with its tokens and a cost. */
  private void theProvidersCountTheSame() {
    var booked = new HashMap<String, TokenUsage>();
    for (var record : log.usage) {
      var cost = 0L;
      for (var attempt : record.getAttempts()) {
        cost += attempt.getCostNanoUsd();
        var usage = attempt.getUsage();
        // a router that died and now refuses has no price for what it had called before
        if (!refused.contains(record.getRequestId())) {
          assertThat(attempt.getCostNanoUsd() > 0).isEqualTo(usage != null);
        }
        if (usage != null) {
          var name = name(record.getRequestId(), attempt.getNumber(), attempt.getStartedAt());
          assertThat(booked.put(name, usage)).as(name).isNull();
        }
      }
      assertThat(cost).isEqualTo(record.getCostNanoUsd());
    }
    assertThat(booked).isEqualTo(witness);
  }

  private void theBooksAgree() {
    assertThat(log.accounts.held()).isZero();
    assertThat(log.usage).extracting(UsageRecorded::getUsageId).doesNotHaveDuplicates();
    var posted = new HashMap<String, Long>();
    var kinds = new HashMap<String, Integer>();
    for (var record : log.usage) {
      var credit = 0L;
      for (var posting : record.getPostings()) {
        posted.merge(AccountNames.kept(posting.getAccount()), posting.getPosted(), Long::sum);
        credit += AccountNames.isCredit(posting.getAccount()) ? posting.getPosted() : 0;
      }
      assertThat(credit).isEqualTo(record.getChargeNanoUsd());
      record.getFlags().forEach(flag -> kinds.merge(flag, 1, Integer::sum));
      if (record.getKind() == UsageKind.LATE_COST) {
        assertThat(record.getChargeNanoUsd()).isZero();
      }
    }
    // a part of a rolling window that nobody can reach any more is dropped with what was posted
    log.accounts.kept.forEach(
        (name, _) -> {
          var balance = log.accounts.whole(name);
          var sum = posted.getOrDefault(name, 0L);
          if (AccountNames.kept(name).endsWith("rolling-hour")) {
            assertThat(balance.posted()).as(name).isLessThanOrEqualTo(sum);
          } else {
            assertThat(balance).as(name).isEqualTo(new Balance(sum, 0));
          }
        });
    assertThat(log.accounts.kept.keySet()).containsAll(posted.keySet());
    assertThat(log.accounts.kept).hasSizeGreaterThan(60);
    assertThat(kinds).containsKeys("late_settlement", "overage");
  }
}
