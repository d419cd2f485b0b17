package io.penstock.worker.engine;

import io.penstock.schemas.avro.Lane;
import java.time.Instant;
import java.util.Set;

/** Knows which calls ended that no commit tells of. */
interface FinishedCalls {

  /** Calls of a pool's lane whose outcomes were written since a time, perhaps more. */
  Set<CallKey> since(String pool, Lane lane, Instant from);
}
