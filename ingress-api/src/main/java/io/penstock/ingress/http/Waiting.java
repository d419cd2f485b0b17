package io.penstock.ingress.http;

import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.schemas.avro.ReplyFinished;

/** Somebody to whom replies go. Called by the reader of replies; must not block it. */
sealed interface Waiting permits Waiter, StreamWaiter {

  /** A piece of a stream. */
  void piece(ReplyChunk piece);

  /**
   * The end of an answer, or the whole of it.
   *
   * @return whether nothing more is of interest
   */
  boolean answer(ReplyFinished finished);

  /** There will be no answer. */
  void fail(ApiException exception);
}
