package io.penstock.router.route;

import io.penstock.router.Accounts;
import io.penstock.router.Fixtures;
import io.penstock.router.admit.Refusal;
import io.penstock.router.admit.RoutingTable;
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
  Accounts accounts = new Accounts();
  Levels levels = Levels.NONE;
  final Map<String, Refusal> refusals = new HashMap<>();
  final Map<String, Remembered> remembered = new HashMap<>();
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
        accounts,
        levels,
        (_, key) -> refusals.get(key),
        (_, key) -> remembered.get(key));
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
      accounts.place(hold);
    }
    if (effect instanceof Effect.SettleHold(var postings)) {
      accounts.settle(postings);
    }
    if (effect instanceof Effect.MarkTold(var account)) {
      accounts.markTold(account);
    }
    if (effect instanceof Effect.RememberRefusal(_, var key, var refusal, _)) {
      refusals.putIfAbsent(key, refusal);
    }
    if (effect instanceof Effect.Remember(_, var key, var what, _)) {
      remembered.put(key, what);
    }
    if (effect instanceof Effect.Forget(_, var key)) {
      remembered.remove(key);
    }
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

  long held() {
    return accounts.held();
  }
}
