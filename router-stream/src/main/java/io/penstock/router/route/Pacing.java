package io.penstock.router.route;

import io.penstock.router.pace.Asker;
import io.penstock.router.pace.Limit;
import io.penstock.router.pace.Pace;
import io.penstock.router.pace.Pace.Turn;
import io.penstock.router.pace.Taking;
import io.penstock.router.pace.TokenBound;
import io.penstock.router.route.RequestEvent.Cancelled;
import io.penstock.router.route.RequestEvent.DeadlinePassed;
import io.penstock.router.route.RequestEvent.Due;
import io.penstock.router.route.RequestEvent.Failed;
import io.penstock.router.route.RequestEvent.Finished;
import io.penstock.router.route.RequestEvent.Requested;
import io.penstock.router.route.RequestState.Done;
import io.penstock.router.route.RequestState.Open;
import io.penstock.router.route.RequestState.Waiting;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.RequestTicket;
import io.penstock.schemas.avro.TokenUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What limits on pace have to do with the way of a request: its turn, and its end. */
final class Pacing {

  /** How often the first in line asks again. */
  static final Duration FIRST_ASKS = Duration.ofMillis(250);

  /** How often the others do; and as much again, spread so that they do not all ask at once. */
  static final Duration OTHERS_ASK = Duration.ofSeconds(2);

  private Pacing() {}

  /** Whether a waiting request has not had its turn yet, so that it was never called. */
  static boolean waitsForTurn(Progress progress) {
    return progress.attempt() == 0;
  }

  /**
   * Asks again for a line that waits, under the limits as they are now. A key that has gone since
   * takes its limits with it.
   */
  static Turn turn(RequestTicket ticket, World world) {
    var table = world.table();
    var key = table.catalog().key(ticket.getApiKey());
    var limits = key == null ? List.<Limit>of() : table.limits(key);
    return Pace.turn(
        limits,
        Asker.of(ticket, table.ownName(ticket.getModel())),
        ticket.getRequestId(),
        Instant.ofEpochMilli(ticket.getAcceptedAtMs()),
        TokenBound.input(ticket.getFacts()),
        world.levels(),
        world.now());
  }

  /** The same ticket once its turn has come. */
  static RequestTicket taking(RequestTicket ticket, Taking taking) {
    return RequestTicket.newBuilder(ticket).setLimitAccounts(taking.accounts()).build();
  }

  /** It waits for its turn, neither called nor failed; its deadline holds. */
  static Decision waiting(
      RequestTicket ticket, Progress progress, Turn.Later later, CallAssigned call, Instant now) {
    var wait =
        later.first().isEmpty()
            ? OTHERS_ASK.plusMillis(
                Math.floorMod(ticket.getRequestId().hashCode(), OTHERS_ASK.toMillis()))
            : FIRST_ASKS;
    var deadline = Instant.ofEpochMilli(ticket.getDeadlineAtMs());
    var due = now.plus(wait).isAfter(deadline) ? deadline : now.plus(wait);
    var decision =
        Decision.of(
            new Waiting(ticket, progress.calling(0, progress.target(), now), due),
            new Effect.WaitUntil(due, call));
    return later.first().isEmpty() ? decision : decision.and(new Effect.StandInLine(later));
  }

  /**
   * Adds to the end of a request what goes back to its limits, once, because a request ends once.
   *
   * <p>Tokens go back as far as nothing can have used them: what its calls have used, as far as
   * they said, is not given back, and nothing is while a call may still be using it. That is not
   * worth waiting for, because time gives it back within a minute.
   */
  static Decision ended(Open before, RequestEvent event, Decision decision) {
    var accounts = before.ticket().getLimitAccounts();
    if (accounts.isEmpty() || !(decision.next() instanceof Done)) {
      return decision;
    }
    var ticket = before.ticket();
    if (ticket.getLane() == Lane.BATCH) {
      return decision.and(
          new Effect.GiveBackPace(accounts, 0, TokenBound.input(ticket.getFacts())));
    }
    var taken = TokenBound.of(ticket.getFacts(), ticket.getSurface(), ticket.getTargets());
    var back = unheard(before.progress(), event) ? 0 : taken - used(before.progress(), event);
    return decision.and(new Effect.GiveBackPace(accounts, back, 0));
  }

  /** What the largest of its calls has used: a failover is no fault of the caller's. */
  private static long used(Progress progress, RequestEvent event) {
    var most =
        switch (event) {
          case Finished(var outcome) -> TokenBound.used(outcome.getUsage());
          case Failed(var outcome) -> used(outcome.getUsage());
          case Requested _, Cancelled _, Due _, DeadlinePassed _ -> 0;
        };
    for (var attempt : progress.attempts()) {
      most = Math.max(most, used(attempt.getUsage()));
    }
    return most;
  }

  /** Whether the last call may still be running, as far as we know. */
  private static boolean unheard(Progress progress, RequestEvent event) {
    return switch (event) {
      case Finished _, Failed _ -> false;
      case Requested _, Cancelled _, Due _, DeadlinePassed _ ->
          progress.attempts().stream().noneMatch(each -> each.getNumber() == progress.attempt());
    };
  }

  private static long used(@Nullable TokenUsage usage) {
    return usage == null ? 0 : TokenBound.used(usage);
  }
}
