package io.penstock.router.admit;

import io.penstock.router.admit.Admission.Refused;
import io.penstock.router.pace.Asker;
import io.penstock.router.pace.Bucket;
import io.penstock.router.pace.Levels;
import io.penstock.router.pace.Limit;
import io.penstock.router.pace.Pace;
import io.penstock.router.pace.Pace.Verdict;
import io.penstock.router.pace.Paced;
import io.penstock.router.pace.TokenBound;
import io.penstock.router.select.ModelRoute;
import io.penstock.router.select.PricedTarget;
import io.penstock.router.select.Selection;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Lane;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The limits on the pace of one request. Who waits is refused when there is no room; everything
 * else waits for its turn.
 *
 * @param route of the model that was asked for
 * @param limits of its key
 */
record Gate(
    InferenceRequested request, ModelRoute route, List<Limit> limits, Levels levels, Instant at) {

  /**
   * The refusal of a request for which there is no room wherever it may be served; absent when
   * there is.
   */
  @Nullable Refused beyond(List<ModelRoute> routes) {
    if (limits.isEmpty() || !waits()) {
      return null;
    }
    var targets = new ArrayList<PricedTarget>();
    routes.forEach(each -> targets.addAll(each.targets()));
    return switch (Pace.ask(limits, asker(), bound(targets), levels, at)) {
      case Verdict.Within _ -> null;
      case Verdict.Beyond beyond ->
          new Refused(refusal(beyond), null, Paced.refused(beyond.status()));
    };
  }

  /** What a request takes that is served. */
  Paced admitted(Selection.Selected selected) {
    if (limits.isEmpty()) {
      return Paced.UNLIMITED;
    }
    if (!waits()) {
      var turn =
          Pace.turn(
              limits,
              asker(),
              request.getRequestId(),
              request.getAcceptedAt(),
              TokenBound.input(request.getFacts()),
              levels,
              at);
      return Paced.of(turn);
    }
    return taken(bound(selected.targets()));
  }

  /**
   * What is left of a request that is refused for another reason: it used no tokens and no place,
   * but it was made. Else refusals could be had at any pace.
   */
  Paced refusedLater() {
    if (limits.isEmpty() || !waits()) {
      return Paced.UNLIMITED;
    }
    var paced = taken(0);
    return new Paced(paced.taking().requestsOnly(), paced.status(), null);
  }

  private Paced taken(long tokens) {
    var within = Pace.taken(limits, asker(), tokens, levels, at);
    return new Paced(within.taking(), within.status(), null);
  }

  private Asker asker() {
    return Asker.of(request, route.name());
  }

  private boolean waits() {
    return request.getLane() == Lane.INTERACTIVE;
  }

  private long bound(List<PricedTarget> targets) {
    return TokenBound.of(
        request.getFacts(),
        request.getSurface(),
        targets.stream().map(PricedTarget::pinned).toList());
  }

  private static Refusal refusal(Verdict.Beyond beyond) {
    var limit = beyond.limit();
    var scope = limit.scope().name().toLowerCase(Locale.ROOT);
    var details = new TreeMap<String, String>();
    details.put("limit", limit.id());
    details.put("scope", scope);
    details.put("limited", beyond.measure().words());
    details.put("allowed", Long.toString(beyond.allowed()));
    details.put("remaining", Long.toString(beyond.remaining()));
    details.put("needed", Long.toString(beyond.needed()));
    var said =
        "The limit '%s' (%s) of %d %s"
            .formatted(limit.id(), scope, beyond.allowed(), beyond.measure().words());
    var retryAfter = beyond.retryAfterMillis();
    if (beyond.needed() > Math.min(beyond.allowed(), Bucket.LIMIT_MAX)) {
      return new Refusal(
          ErrorCode.RATE_LIMIT_EXCEEDED,
          said
              + " is too small for this request, which may need "
              + beyond.needed()
              + "; ask for less, or with a smaller limit of output tokens.",
          details,
          null);
    }
    return new Refusal(
        ErrorCode.RATE_LIMIT_EXCEEDED,
        said
            + " has "
            + beyond.remaining()
            + " left, and "
            + beyond.needed()
            + (beyond.needed() == 1 ? " is needed." : " are needed.")
            + (retryAfter == null ? "" : " Ask again in " + seconds(retryAfter) + "."),
        details,
        retryAfter);
  }

  private static String seconds(long millis) {
    return Math.ceilDiv(millis, 1_000L) + " s";
  }
}
