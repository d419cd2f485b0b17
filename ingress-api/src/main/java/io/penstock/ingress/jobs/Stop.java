package io.penstock.ingress.jobs;

import java.time.Instant;

/** Why and since when nothing more is dispatched. */
public record Stop(Reason reason, Instant at) {

  /** Why. */
  public enum Reason {
    CANCELLED,
    EXPIRED
  }
}
