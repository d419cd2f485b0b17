package io.penstock.router.route;

import io.penstock.router.route.Costs.Call;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.RequestTicket;
import java.time.Instant;
import java.util.List;

/**
 * What is known of a request.
 *
 * <pre>
 *              Requested                 Failed, later
 *   Unknown ─────────────▶ InFlight ◀────────────────────▶ Waiting
 *      │ outcome, cancel      │          Due                  │
 *      ▼                      │ Finished, Failed for good,    │
 *    Early ───────────────────┴──▶ Cancelled, DeadlinePassed ─┴─▶ Done ──▶ (forgotten)
 *           Requested
 *
 *   InFlight ── Cancelled, of a stream ──▶ Cancelling ── any outcome, DeadlinePassed ──▶ Done
 * </pre>
 */
public sealed interface RequestState {

  /** Never heard of, or forgotten. */
  record Unknown() implements RequestState {}

  /**
   * Something about it came before it did: after a crash the router reads requests again whose
   * calls it had made.
   *
   * @param since when the first of it came
   * @param cancelled whether it was cancelled
   */
  record Early(
      Instant since, boolean cancelled, List<CallFinished> finished, List<CallFailed> failed)
      implements RequestState {

    public Early {
      finished = List.copyOf(finished);
      failed = List.copyOf(failed);
    }
  }

  /** Admitted and not ended. */
  sealed interface Open extends RequestState {
    RequestTicket ticket();

    Progress progress();

    /** When nobody waits for it any longer; some grace later the watchdog ends it. */
    default Instant until() {
      return Instant.ofEpochMilli(ticket().getDeadlineAtMs());
    }
  }

  /** A call runs, as far as we know. */
  record InFlight(RequestTicket ticket, Progress progress) implements Open {}

  /** The next call waits for its time. */
  record Waiting(RequestTicket ticket, Progress progress, Instant due) implements Open {}

  /**
   * Its caller gave up while his stream ran: what the call has produced is still to be learned,
   * because it will be charged.
   *
   * @param reason why, for people
   * @param until how long that is waited for, at most
   */
  record Cancelling(RequestTicket ticket, Progress progress, String reason, Instant until)
      implements Open {}

  /**
   * Ended; remembered for a while, so that what comes late does no harm.
   *
   * @param costed calls whose cost is recorded
   */
  record Done(RequestTicket ticket, Instant endedAt, List<Call> costed) implements RequestState {

    public Done {
      costed = List.copyOf(costed);
    }
  }
}
