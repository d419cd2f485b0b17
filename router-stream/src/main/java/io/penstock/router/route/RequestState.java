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
  }

  /** A call runs, as far as we know. */
  record InFlight(RequestTicket ticket, Progress progress) implements Open {}

  /** The next call waits for its time. */
  record Waiting(RequestTicket ticket, Progress progress, Instant due) implements Open {}

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
