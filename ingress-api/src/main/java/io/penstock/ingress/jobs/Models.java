package io.penstock.ingress.jobs;

/** Tells whether the owner of a batch may use a model now. */
@FunctionalInterface
public interface Models {

  Access access(String model);

  /** Whether a model may be used. */
  enum Access {
    ALLOWED,
    /** There is no such model. */
    UNKNOWN,
    /** The key is not scoped to it. */
    FORBIDDEN
  }
}
