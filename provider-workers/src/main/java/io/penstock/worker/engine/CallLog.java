package io.penstock.worker.engine;

import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.DeadLetter;
import io.penstock.schemas.avro.PoolStatus;
import io.penstock.schemas.avro.ReplyAddress;
import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.schemas.avro.ReplyFinished;
import java.util.function.Consumer;

/**
 * Where the worker says what became of calls. Thread-safe. What has a {@code durable} action is
 * tried until it is in the log, and only then runs the action, in any thread.
 */
interface CallLog {

  /** A call ended with a usable answer. */
  void succeeded(CallFinished finished, Runnable durable);

  /** A call failed. */
  void failed(CallFailed failed, Runnable durable);

  /** A waiting caller's answer, tried once: whoever waits for it has a deadline. */
  void reply(ReplyAddress address, ReplyFinished reply);

  /**
   * A piece of a waiting caller's stream, tried once, in the order of the calls; may block.
   *
   * @param written told in any thread whether it is in the log
   */
  void piece(ReplyAddress address, ReplyChunk piece, Consumer<Boolean> written);

  /** A record that nobody can read. */
  void dead(DeadLetter letter, Runnable durable);

  /** How a pool is doing, tried once. */
  void status(PoolStatus status);

  /** A pool is no longer here. */
  void gone(String pool, String instance);
}
