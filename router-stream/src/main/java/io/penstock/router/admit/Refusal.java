package io.penstock.router.admit;

import io.penstock.schemas.ErrorCode;
import java.util.Map;

/**
 * Why a request is not served; definite, nothing was called or held.
 *
 * @param code for machines
 * @param message for people
 * @param details further facts for machines, such as the budget that refused
 */
public record Refusal(ErrorCode code, String message, Map<String, String> details) {

  public Refusal {
    details = Map.copyOf(details);
  }

  static Refusal of(ErrorCode code, String message) {
    return new Refusal(code, message, Map.of());
  }
}
