package io.penstock.worker.dialect;

import io.penstock.schemas.avro.Delivered;
import io.penstock.schemas.avro.TokenUsage;
import java.time.Instant;

/** The provider's stream going in, the caller's coming out. Pure; used by one thread. */
public interface StreamExchange {

  /**
   * Takes bytes as they come, cut anywhere.
   *
   * @return complete server-sent events for the caller; empty when there are none yet
   */
  byte[] take(byte[] buffer, int offset, int length);

  /** Bytes that have come and are kept, because their event or the whole is not complete. */
  default long held() {
    return 0;
  }

  /** Whether output of the model has come: from then on the provider is not silent. */
  boolean begun();

  /** Whether the provider has said all, so that nothing more has to be read. */
  boolean complete();

  /**
   * The provider's stream has ended, by itself or by force; to be called once, last.
   *
   * <p>Without the provider's own end mark the reading is a failure, never a short answer.
   */
  End end(Instant now);

  /**
   * What the caller has seen when all that {@link #take} returned is delivered.
   *
   * @param pieces sequence of the next piece on {@code replies}
   */
  Delivered delivered(int pieces);

  /** Best-known usage so far: the provider's word, else an estimate of what was produced. */
  TokenUsage usage();

  /**
   * How it ended.
   *
   * @param rest further events for the caller: the good end of the stream; empty after a failure
   */
  record End(byte[] rest, Reading reading) {}
}
