package io.penstock.ingress.jobs;

import io.penstock.ingress.accept.Rejected;
import org.jspecify.annotations.Nullable;

/** Tells whether the owner of a batch may use a model now. */
@FunctionalInterface
public interface Models {

  /** Why not; null when the owner may. */
  @Nullable Rejected refusal(String model);
}
