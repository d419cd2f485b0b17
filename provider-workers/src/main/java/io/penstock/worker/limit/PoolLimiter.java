package io.penstock.worker.limit;

import io.penstock.schemas.avro.Lane;
import io.penstock.worker.limit.Admission.Busy;
import io.penstock.worker.limit.Admission.Extent;
import io.penstock.worker.limit.Admission.Granted;
import io.penstock.worker.limit.Admission.Later;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Hands out a pool's permits: the smallest of concurrency, requests per minute and tokens per
 * minute, of the model and of all models together, all scaled to this worker's share, from the
 * credential that has the most room. Not thread-safe; time is nanoseconds of one monotonic clock.
 */
public final class PoolLimiter {

  /** Pause after a 429 that does not say how long. */
  public static final Duration PAUSE_DEFAULT = Duration.ofMillis(500);

  /**
   * Longest pause after a 429, whatever it says: then one more call shows whether it still holds.
   */
  public static final Duration PAUSE_MAX = Duration.ofMinutes(1);

  // batch leaves this part of the permits to callers who wait
  private static final int RESERVE_DIVISOR = 20;

  private final Map<String, CredentialLimiter> credentials = new LinkedHashMap<>();
  private final Concurrency concurrency = new Concurrency(0);
  private PoolLimits limits;
  private Share share = Share.NONE;
  private @Nullable Allowance together;
  private int running;

  /** Begins without a share: {@link #share} starts it. */
  public PoolLimiter(PoolLimits limits, long nowNanos) {
    this.limits = limits;
    configure(limits, nowNanos);
  }

  /** Puts other limits in force; what is known of credentials that stay is kept. */
  public void configure(PoolLimits newLimits, long nowNanos) {
    limits = newLimits;
    var names = newLimits.credentials().stream().map(CredentialLimits::name).toList();
    credentials.keySet().retainAll(names);
    for (var each : newLimits.credentials()) {
      credentials.computeIfAbsent(each.name(), _ -> new CredentialLimiter(each, nowNanos));
    }
    if (newLimits.together().equals(PerMinute.UNKNOWN)) {
      together = null;
    } else if (together == null) {
      together = Allowance.ofAll(nowNanos);
    }
    apply(nowNanos);
  }

  /** Puts another share in force. */
  public void share(Share newShare, long nowNanos) {
    share = newShare;
    apply(nowNanos);
  }

  private void apply(long nowNanos) {
    concurrency.configure(share.of(limits.concurrencyMax()));
    for (var each : limits.credentials()) {
      var limiter = credentials.get(each.name());
      if (limiter != null) {
        limiter.configure(each, share, nowNanos);
      }
    }
    if (together != null) {
      together.configure(limits.together(), share, nowNanos);
    }
  }

  /** The share in force. */
  public Share share() {
    return share;
  }

  /** Calls that hold a permit: running, or their outcome is on its way. */
  public int running() {
    return running;
  }

  /** Calls that may run at once now. */
  public int concurrencyLimit() {
    return concurrency.limit();
  }

  /**
   * How long until any credential is neither paused for every model nor out of use; 0 when one is
   * free.
   */
  public long pauseLeftNanos(long nowNanos) {
    var least = Long.MAX_VALUE;
    for (var each : credentials.values()) {
      least =
          Math.min(least, Math.max(each.pauseLeftNanos(nowNanos), each.outageLeftNanos(nowNanos)));
    }
    return least;
  }

  /** The same for one model. */
  public long pauseLeftNanos(String model, long nowNanos) {
    var least = Long.MAX_VALUE;
    for (var each : credentials.values()) {
      var pause = each.pauseLeftNanos(model, nowNanos);
      least = Math.min(least, Math.max(pause, each.outageLeftNanos(nowNanos)));
    }
    return least;
  }

  /** How long until any credential is in use again; 0 unless all were refused by the provider. */
  public long outageLeftNanos(long nowNanos) {
    var least = Long.MAX_VALUE;
    for (var each : credentials.values()) {
      least = Math.min(least, each.outageLeftNanos(nowNanos));
    }
    return least;
  }

  /**
   * Asks for one call.
   *
   * @param model as the provider calls it
   * @param count its estimated tokens
   */
  public Admission admit(Lane lane, String model, TokenCount count, long nowNanos) {
    if (running >= concurrencyFor(lane)) {
      return new Busy();
    }
    var ofPool = together == null ? 0 : together.waitNanos(count, nowNanos);
    CredentialLimiter chosen = null;
    var mostRoom = Double.NEGATIVE_INFINITY;
    var shortest = Long.MAX_VALUE;
    var extent = Extent.ALL;
    for (var each : credentials.values()) {
      var ofAll = Math.max(ofPool, each.waitOfAllNanos(count, nowNanos));
      var ofModel = each.waitOfModelNanos(model, count, nowNanos);
      var wait = Math.max(ofAll, ofModel);
      if (wait < shortest) {
        shortest = wait;
        extent = ofModel > ofAll ? Extent.MODEL : Extent.ALL;
      }
      if (wait == 0) {
        var room = each.room(model, nowNanos);
        if (room > mostRoom) {
          chosen = each;
          mostRoom = room;
        }
      }
    }
    if (chosen == null) {
      return new Later(shortest, extent);
    }
    if (together != null) {
      together.take(count, nowNanos);
    }
    running++;
    return new Granted(chosen.take(model, count, nowNanos));
  }

  private int concurrencyFor(Lane lane) {
    var limit = concurrency.limit();
    return lane == Lane.INTERACTIVE ? limit : limit - limit / RESERVE_DIVISOR;
  }

  /**
   * Gives a permit back. Not when the answer comes, but when its outcome is durable: so no more
   * calls than permits can ever be in doubt, and nobody calls while outcomes cannot be written.
   */
  public void released(Permit permit) {
    running--;
    var credential = credentials.get(permit.credential());
    if (credential != null) {
      credential.released();
    }
  }

  /** Learns from an answer, as soon as it comes. */
  public void answered(Permit permit, Feedback feedback, long nowNanos) {
    switch (feedback.kind()) {
      case TAKEN -> concurrency.answered(Concurrency.Verdict.TAKEN);
      case OVERLOADED -> concurrency.answered(Concurrency.Verdict.REFUSED);
      case MODEL_LIMITED, CREDENTIAL_LIMITED -> {
        // says how often we may ask, not how many may be asked at once
      }
    }
    var used = feedback.tokensUsed();
    if (together != null && used != null) {
      together.settled(permit.reserved(), used);
    }
    var credential = credentials.get(permit.credential());
    if (credential != null) {
      credential.answered(permit, feedback, nowNanos);
    }
  }

  /** Replaces an estimate by what was really used. */
  public void used(Permit permit, TokenCount used, long nowNanos) {
    var credential = credentials.get(permit.credential());
    if (credential != null) {
      credential.used(permit, used, nowNanos);
    }
  }

  /** What an answer says about a credential. */
  public void note(String name, Standing standing, long nowNanos) {
    var credential = credentials.get(name);
    if (credential == null) {
      return;
    }
    var replaceable =
        credentials.values().stream()
            .anyMatch(each -> each != credential && each.outageLeftNanos(nowNanos) == 0);
    credential.note(standing, replaceable, nowNanos);
  }

  /** Whether calls are still made with a credential. */
  public boolean inUse(String name, long nowNanos) {
    var credential = credentials.get(name);
    return credential != null && credential.outageLeftNanos(nowNanos) == 0;
  }

  /** A credential's secret has changed. */
  public void restored(String name) {
    var credential = credentials.get(name);
    if (credential != null) {
      credential.restored();
    }
  }

  /**
   * Another worker was told to keep off with a credential.
   *
   * @param model with this one; absent when with all
   */
  public void pausedElsewhere(String name, @Nullable String model, Duration time, long nowNanos) {
    var credential = credentials.get(name);
    if (credential != null) {
      credential.pausedElsewhere(model, time, nowNanos);
    }
  }

  /** Forgets models that nobody asked for in a while. */
  public void forgetUnused(long nowNanos) {
    credentials.values().forEach(each -> each.forgetUnused(nowNanos));
  }

  /**
   * How one credential is doing.
   *
   * @param name in the catalogue
   * @param pauseLeft how long the provider told this worker to keep off with every model; what
   *     others were told is theirs to tell
   * @param outageLeft how long it is out of use because the provider refused it
   * @param models those asked for of late
   */
  public record State(
      String name, Duration pauseLeft, Duration outageLeft, List<ModelState> models) {

    public State {
      models = List.copyOf(models);
    }
  }

  /**
   * How one model of a credential is doing.
   *
   * @param name at the provider
   * @param pauseLeft how long the provider told this worker to keep off with it
   * @param requestsLearned requests a minute that headers tell; absent when none do
   * @param tokensLearned tokens a minute that headers tell; absent when none do
   */
  public record ModelState(
      String name,
      Duration pauseLeft,
      @Nullable Long requestsLearned,
      @Nullable Long tokensLearned) {}

  /** How the credentials are doing, in the catalogue's order. */
  public List<State> states(long nowNanos) {
    return credentials.values().stream().map(each -> each.state(nowNanos)).toList();
  }
}
