package io.penstock.router.route;

import io.penstock.platform.money.Money;
import io.penstock.router.Fixtures;
import io.penstock.router.admit.RoutingTable;
import io.penstock.router.budget.Balance;
import io.penstock.router.pace.Levels;
import io.penstock.router.route.RequestState.Unknown;
import io.penstock.router.select.PoolHealth.Condition;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.RequestFinished;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One request on its way, with a clock and budgets that the test moves. */
final class Journey {

  RequestState state = new Unknown();
  Instant now = Fixtures.T0;
  RoutingTable table;
  final Set<String> down = new HashSet<>();
  final Map<String, Balance> balances = new HashMap<>();
  Levels levels = Levels.NONE;
  final List<Effect> all = new ArrayList<>();
  List<Effect> last = List.of();

  Journey(RoutingTable table) {
    this.table = table;
  }

  static Journey of(InferenceRequested request) {
    return new Journey(Fixtures.table()).on(new RequestEvent.Requested(request));
  }

  World world() {
    return new World(
        now,
        table,
        (pool, _) -> down.contains(pool) ? Condition.DOWN : Condition.UP,
        account -> balances.getOrDefault(account, Balance.ZERO),
        levels);
  }

  Journey on(RequestEvent event) {
    var decision = Router.decide(state, event, world());
    state = decision.next();
    last = decision.effects();
    all.addAll(last);
    for (var effect : last) {
      book(effect);
    }
    return this;
  }

  private void book(Effect effect) {
    if (effect instanceof Effect.PlaceHold(var hold)) {
      hold.names()
          .forEach(name -> balances.merge(name, Balance.ZERO.hold(hold.amount()), Journey::sum));
    }
    if (effect instanceof Effect.SettleHold(var accounts, var held, var spent)) {
      accounts.forEach(
          name -> balances.computeIfPresent(name, (_, balance) -> balance.settle(held, spent)));
    }
  }

  private static Balance sum(Balance left, Balance right) {
    return new Balance(left.posted().plus(right.posted()), left.held().plus(right.held()));
  }

  Journey after(Duration time) {
    now = now.plus(time);
    return this;
  }

  /** The last call fails. */
  Journey fails(FailureKind kind) {
    return fails(kind, null);
  }

  Journey fails(FailureKind kind, @Nullable Long retryAfterMillis) {
    return on(
        new RequestEvent.Failed(Fixtures.failed(lastCall(), kind, now, retryAfterMillis, null)));
  }

  /** The last call succeeds. */
  Journey succeeds() {
    return on(new RequestEvent.Finished(Fixtures.finished(lastCall(), now)));
  }

  /** Time passes until the waiting call is due. */
  Journey comesDue() {
    var wait = last(Effect.WaitUntil.class);
    now = wait.due();
    return on(new RequestEvent.Due(wait.call()));
  }

  CallAssigned lastCall() {
    return last(Effect.Call.class).call();
  }

  <T extends Effect> T last(Class<T> type) {
    return of(type).getLast();
  }

  <T extends Effect> List<T> of(Class<T> type) {
    return all.stream().filter(type::isInstance).map(type::cast).toList();
  }

  List<String> pools() {
    return of(Effect.Call.class).stream().map(call -> call.call().getPool()).toList();
  }

  RequestFinished result() {
    return only(Effect.Finish.class).result();
  }

  ReplyFinished reply() {
    return only(Effect.Reply.class).reply();
  }

  UsageRecorded settlement() {
    return of(Effect.RecordUsage.class).getFirst().usage();
  }

  <T extends Effect> T only(Class<T> type) {
    var found = of(type);
    if (found.size() != 1) {
      throw new AssertionError("expected one " + type.getSimpleName() + ", found " + found);
    }
    return found.getFirst();
  }

  Money held() {
    return balances.values().stream().map(Balance::held).reduce(Money.ZERO, Money::plus);
  }
}
