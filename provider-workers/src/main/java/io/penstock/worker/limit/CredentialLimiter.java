package io.penstock.worker.limit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The limits of one credential: those of all its models together, and those of each by itself. A
 * refusal is its model's, because providers count by model, unless it says that it is everybody's.
 * Also the time out of use after the provider refused the credential. Not thread-safe; time is
 * nanoseconds of one monotonic clock.
 *
 * <p>Models are those of the catalogue's routes, so there is a bounded number of them; one that
 * nobody asked for in a while is forgotten.
 */
final class CredentialLimiter {

  // after so long nothing is left of a pause, and a rate found then would be tried anew
  private static final Duration KEPT = Duration.ofMinutes(10);

  private static final class Model {
    final Allowance allowance;
    long usedAt;

    Model(Allowance allowance, long nowNanos) {
      this.allowance = allowance;
      this.usedAt = nowNanos;
    }
  }

  private final Outage outage = new Outage();
  private final Allowance all;
  private final Map<String, Model> models = new TreeMap<>();
  private CredentialLimits limits;
  private Share share = Share.NONE;
  private int running;

  CredentialLimiter(CredentialLimits limits, long nowNanos) {
    this.limits = limits;
    this.all = Allowance.ofAll(nowNanos);
  }

  String name() {
    return limits.name();
  }

  void configure(CredentialLimits newLimits, Share newShare, long nowNanos) {
    limits = newLimits;
    share = newShare;
    all.configure(limits.all(), share, nowNanos);
    models.forEach((name, model) -> model.allowance.configure(limits.of(name), share, nowNanos));
  }

  private Allowance model(String name, long nowNanos) {
    var model = models.get(name);
    if (model == null) {
      model = new Model(Allowance.ofModel(nowNanos), nowNanos);
      model.allowance.configure(limits.of(name), share, nowNanos);
      models.put(name, model);
    }
    model.usedAt = nowNanos;
    return model.allowance;
  }

  /** How long until any call of so many tokens may begin; 0 when it may. */
  long waitOfAllNanos(TokenCount count, long nowNanos) {
    return Math.max(outage.leftNanos(nowNanos), all.waitNanos(count, nowNanos));
  }

  /** How long until its own limits let a model's call begin; 0 when they do. */
  long waitOfModelNanos(String model, TokenCount count, long nowNanos) {
    return model(model, nowNanos).waitNanos(count, nowNanos);
  }

  /** How much is left: the more, the sooner it is chosen. */
  double room(String model, long nowNanos) {
    return Math.min(all.room(nowNanos), model(model, nowNanos).room(nowNanos)) / (1 + running);
  }

  Permit take(String model, TokenCount count, long nowNanos) {
    running++;
    return new Permit(
        name(),
        model,
        model(model, nowNanos).take(count, nowNanos),
        all.take(count, nowNanos),
        count,
        nowNanos);
  }

  void released() {
    // it may have been given by a predecessor of the same name
    running = Math.max(0, running - 1);
  }

  /** Learns from an answer. */
  void answered(Permit permit, Feedback feedback, long nowNanos) {
    var own = model(permit.model(), nowNanos);
    var used = feedback.tokensUsed();
    if (used != null) {
      all.settled(permit.reserved(), used);
      own.settled(permit.reserved(), used);
    }
    own.learn(feedback.headers(), nowNanos);
    switch (feedback.kind()) {
      case TAKEN, OVERLOADED -> {
        all.accepted();
        own.accepted();
      }
      case MODEL_LIMITED -> {
        all.accepted();
        own.refused(permit.number(), permit.grantedAt(), feedback.pause(), nowNanos);
      }
      case CREDENTIAL_LIMITED -> {
        all.refused(permit.numberOfAll(), permit.grantedAt(), feedback.pause(), nowNanos);
        own.accepted();
      }
    }
  }

  /** Replaces an estimate by what was really used, where input and output are limited apart. */
  void used(Permit permit, TokenCount used, long nowNanos) {
    model(permit.model(), nowNanos).used(permit.reserved(), used);
  }

  /**
   * Another worker was told to keep off.
   *
   * @param model with this one; absent when with all
   */
  void pausedElsewhere(@Nullable String model, Duration time, long nowNanos) {
    var allowance = model == null ? all : model(model, nowNanos);
    allowance.pausedElsewhere(time, nowNanos);
  }

  /** How long the provider still wants to be left alone with a model; 0 when it does not. */
  long pauseLeftNanos(String model, long nowNanos) {
    var own = models.get(model);
    return Math.max(
        all.pauseLeftNanos(nowNanos), own == null ? 0 : own.allowance.pauseLeftNanos(nowNanos));
  }

  /** How long the provider still wants to be left alone with every model; 0 when it does not. */
  long pauseLeftNanos(long nowNanos) {
    var least = Long.MAX_VALUE;
    for (var model : models.values()) {
      least = Math.min(least, model.allowance.pauseLeftNanos(nowNanos));
    }
    return Math.max(all.pauseLeftNanos(nowNanos), models.isEmpty() ? 0 : least);
  }

  /** How long it is out of use because the provider refused it; 0 when it is not. */
  long outageLeftNanos(long nowNanos) {
    return outage.leftNanos(nowNanos);
  }

  void note(Standing standing, boolean replaceable, long nowNanos) {
    outage.note(standing, replaceable, nowNanos);
  }

  void restored() {
    outage.end();
  }

  /** Forgets models that nobody asked for in a while. */
  void forgetUnused(long nowNanos) {
    models.values().removeIf(model -> nowNanos - model.usedAt > KEPT.toNanos());
  }

  PoolLimiter.State state(long nowNanos) {
    return new PoolLimiter.State(
        name(),
        Duration.ofNanos(all.toldLeftNanos(nowNanos)),
        Duration.ofNanos(outage.leftNanos(nowNanos)),
        models(nowNanos));
  }

  private List<PoolLimiter.ModelState> models(long nowNanos) {
    return models.entrySet().stream()
        .map(
            entry -> {
              var allowance = entry.getValue().allowance;
              return new PoolLimiter.ModelState(
                  entry.getKey(),
                  Duration.ofNanos(allowance.toldLeftNanos(nowNanos)),
                  allowance.requestsLearned(),
                  allowance.tokensLearned());
            })
        .toList();
  }
}
