package io.penstock.worker.dialect;

import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.util.List;

/** Where a stream goes out to its caller. Used by one thread. */
interface Outlet {

  /**
   * Events for the caller; empty when the provider's event shows nothing, or is its end mark.
   *
   * @param raw the provider's event as it came
   * @param fresh what it says that the caller has not seen
   */
  byte[] write(byte[] raw, List<StreamEvent> fresh);

  /**
   * The good end of the stream.
   *
   * @param usage of the answer
   * @param told whether the provider told it, rather than we guessed
   */
  byte[] end(TokenUsage usage, boolean told);

  /** Events written in all, those seen before included. */
  int events();

  /** Id of the answer; empty while it is not known. */
  String answerId();

  /** Model name in the answer; empty while it is not known. */
  String model();
}
