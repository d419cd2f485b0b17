package io.penstock.ingress.jobs;

/** How a batch ends. */
public enum Ending {
  COMPLETED,
  FAILED,
  CANCELLED,
  EXPIRED
}
