package io.penstock.router.route;

import io.penstock.router.admit.Admission.Refused;
import io.penstock.router.admit.Refusal;
import io.penstock.router.admit.Refusals;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.InferenceRequested;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/** What follows from a refusal: for want of money, the same answer for the same idempotency key. */
final class Refusing {

  /** How long a refusal for want of money is repeated. */
  static final Duration MEMORY = Duration.ofHours(24);

  private Refusing() {}

  /** What was refused before under the same idempotency key; absent when nothing was. */
  static @Nullable Refusal before(InferenceRequested request, Refusals refusals) {
    var key = request.getIdempotencyKey();
    return key == null ? null : refusals.of(request.getOrganization(), key);
  }

  static Decision refused(InferenceRequested request, Refused refused, Instant now) {
    var refusal = refused.refusal();
    var decision =
        Ending.refused(request, refusal, refused.explanation(), refused.paced(), now)
            .and(new Effect.CountRefusal(refusal));
    if (refusal.code() == ErrorCode.PRICE_UNKNOWN) {
      return decision.and(
          new Effect.AuditSeldom(
              Alarms.priceUnknown(request.getOrganization(), request.getModel(), "refused", now)));
    }
    if (refusal.code() != ErrorCode.BUDGET_EXCEEDED) {
      return decision;
    }
    var effects = new ArrayList<>(decision.effects());
    var key = request.getIdempotencyKey();
    if (key != null) {
      effects.add(
          new Effect.RememberRefusal(request.getOrganization(), key, refusal, now.plus(MEMORY)));
    }
    var exceeded = refused.exceeded();
    if (exceeded != null && !exceeded.alerts().isEmpty()) {
      effects.add(new Effect.MarkTold(exceeded.account()));
      for (var alert : exceeded.alerts()) {
        effects.add(new Effect.Audit(Alarms.threshold(alert, now)));
      }
    }
    return new Decision(decision.next(), effects);
  }
}
