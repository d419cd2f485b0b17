package io.penstock.simulator.dialect;

import io.penstock.simulator.inference.InferenceRequest.Delivery;
import java.util.Optional;

/** What the path of a call says already. */
public record Target(Optional<String> model, Optional<Delivery> delivery) {
  /** Nothing. */
  public static final Target NONE = new Target(Optional.empty(), Optional.empty());

  /** The model. */
  public static Target of(String model) {
    return new Target(Optional.of(model), Optional.empty());
  }

  /** The same with the way in which the answer is sent. */
  public Target with(Delivery way) {
    return new Target(model, Optional.of(way));
  }
}
