package io.penstock.router.admit;

import io.penstock.schemas.ErrorCode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why a request is not served; definite, nothing was called or held.
 *
 * @param code for machines
 * @param message for people
 * @param details further facts for machines, such as the budget that refused
 * @param retryAfterMillis when to ask again; absent when waiting does not help, or nobody knows
 */
public record Refusal(
    ErrorCode code, String message, Map<String, String> details, @Nullable Long retryAfterMillis) {

  public Refusal {
    details = Map.copyOf(details);
  }

  Refusal(ErrorCode code, String message, Map<String, String> details) {
    this(code, message, details, null);
  }

  /** Level of the limit or budget that refused, such as {@code team}; empty when none did. */
  public String scope() {
    return details.getOrDefault("scope", "");
  }

  /** What that limit or budget counts, such as {@code usd}; empty when none refused. */
  public String counted() {
    return details.getOrDefault("limited", details.getOrDefault("unit", ""));
  }

  static Refusal of(ErrorCode code, String message) {
    return new Refusal(code, message, Map.of());
  }
}
