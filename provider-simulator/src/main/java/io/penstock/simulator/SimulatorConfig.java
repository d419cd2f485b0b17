package io.penstock.simulator;

import io.penstock.simulator.behaviour.FaultProfile;
import io.penstock.simulator.behaviour.Latency;
import io.penstock.simulator.limit.RateLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/**
 * How a simulated provider behaves. Start from {@link #standard()} and change what matters.
 *
 * @param seed all that is left to chance follows from it; equal seeds give equal answers to equal
 *     prompts, whatever the instance, the dialect and the model
 * @param models those that exist; empty lets every name through
 * @param access who is let in, and how often
 * @param behaviour what becomes of a call
 * @param bookkeeping what is noted of it
 */
public record SimulatorConfig(
    long seed, List<String> models, Access access, Behaviour behaviour, Bookkeeping bookkeeping) {

  /** Copies the list. */
  public SimulatorConfig {
    models = List.copyOf(models);
  }

  /**
   * Who is let in, and how often.
   *
   * @param keys what callers must send, one of them; empty lets everybody in
   * @param limits requests and tokens per minute of each key
   * @param bodyBytesMax larger request bodies are refused with 413
   */
  public record Access(List<ApiKey> keys, RateLimits limits, int bodyBytesMax) {
    private static final int KEYS_MAX = 100;

    /**
     * @throws IllegalArgumentException if a number is out of range; the message says which
     */
    public Access {
      keys = List.copyOf(keys);
      requireInRange("the number of keys", keys.size(), 0, KEYS_MAX);
      requireInRange("the body limit in bytes", bodyBytesMax, 1, 1 << 30);
    }

    /** The same with other keys. */
    public Access withKeys(List<ApiKey> value) {
      return new Access(value, limits, bodyBytesMax);
    }

    /** The same with other limits. */
    public Access withLimits(RateLimits value) {
      return new Access(keys, value, bodyBytesMax);
    }

    /** The same with another bound on request bodies. */
    public Access withBodyBytesMax(int value) {
      return new Access(keys, limits, value);
    }
  }

  /**
   * What becomes of a call.
   *
   * @param latency time until an answer is complete
   * @param faults planned faults
   * @param outputTokensMedian of the answers, which are log-normally long
   * @param stall how long a stalled call stays silent before the connection is closed
   * @param slow what a slow call takes longer
   * @param deadAfter time from the first call to {@link Simulator#die()}; empty means never
   */
  public record Behaviour(
      Latency latency,
      FaultProfile faults,
      int outputTokensMedian,
      Duration stall,
      Duration slow,
      Optional<Duration> deadAfter) {

    /**
     * @throws IllegalArgumentException if a number or a time is out of range; the message says
     *     which
     */
    public Behaviour {
      requireInRange("the median of output tokens", outputTokensMedian, 1, 4_096);
      requireNotNegative("stall", stall);
      requireNotNegative("slow", slow);
      deadAfter.ifPresent(time -> requireNotNegative("dead-after", time));
    }

    /** The same with another latency. */
    public Behaviour withLatency(Latency value) {
      return new Behaviour(value, faults, outputTokensMedian, stall, slow, deadAfter);
    }

    /** The same with other planned faults. */
    public Behaviour withFaults(FaultProfile value) {
      return new Behaviour(latency, value, outputTokensMedian, stall, slow, deadAfter);
    }

    /** The same with longer or shorter answers. */
    public Behaviour withOutputTokensMedian(int value) {
      return new Behaviour(latency, faults, value, stall, slow, deadAfter);
    }

    /** The same with another length of stalls. */
    public Behaviour withStall(Duration time) {
      return new Behaviour(latency, faults, outputTokensMedian, time, slow, deadAfter);
    }

    /** The same with another slowness of slow calls. */
    public Behaviour withSlow(Duration time) {
      return new Behaviour(latency, faults, outputTokensMedian, stall, time, deadAfter);
    }

    /** The same with an end some time after the first call. */
    public Behaviour withDeadAfter(Duration time) {
      return new Behaviour(latency, faults, outputTokensMedian, stall, slow, Optional.of(time));
    }
  }

  /**
   * What is noted of a call.
   *
   * @param requestIdHeaders where the request id is looked for, first found wins; lower case
   * @param attemptHeader where the caller says which attempt a call is; lower case
   * @param adminPort where the control surface listens as well, so that a dead simulator can be
   *     revived; 0 picks a free port, empty means nowhere
   * @param callsKeptMax calls whose details are kept; further ones are only counted
   */
  public record Bookkeeping(
      List<String> requestIdHeaders,
      String attemptHeader,
      OptionalInt adminPort,
      int callsKeptMax) {

    /**
     * @throws IllegalArgumentException if a number is out of range; the message says which
     */
    public Bookkeeping {
      requestIdHeaders = List.copyOf(requestIdHeaders);
      requireInRange("the number of calls kept", callsKeptMax, 0, 10_000_000);
      requireInRange("the admin port", adminPort.orElse(0), 0, 65_535);
    }

    /** The same with the control surface on a port of its own as well. */
    public Bookkeeping withAdminPort(int port) {
      return new Bookkeeping(requestIdHeaders, attemptHeader, OptionalInt.of(port), callsKeptMax);
    }

    /** The same with another bound on the call log. */
    public Bookkeeping withCallsKeptMax(int value) {
      return new Bookkeeping(requestIdHeaders, attemptHeader, adminPort, value);
    }
  }

  /** No limits, no latency, no faults, everybody let in. */
  public static SimulatorConfig standard() {
    return new SimulatorConfig(
        1,
        List.of(),
        new Access(List.of(), RateLimits.unlimited(), 64 << 20),
        new Behaviour(
            new Latency.Zero(),
            FaultProfile.none(),
            60,
            Duration.ofSeconds(8),
            Duration.ofSeconds(10),
            Optional.empty()),
        new Bookkeeping(
            List.of(
                "x-penstock-request-id", "x-request-id", "x-client-request-id", "idempotency-key"),
            "x-penstock-attempt",
            OptionalInt.empty(),
            2_000_000));
  }

  /** The same with another seed. */
  public SimulatorConfig withSeed(long value) {
    return new SimulatorConfig(value, models, access, behaviour, bookkeeping);
  }

  /** The same with only these models. */
  public SimulatorConfig withModels(List<String> names) {
    return new SimulatorConfig(seed, names, access, behaviour, bookkeeping);
  }

  /** The same with a change of who is let in, and how often. */
  public SimulatorConfig admitting(UnaryOperator<Access> change) {
    return new SimulatorConfig(seed, models, change.apply(access), behaviour, bookkeeping);
  }

  /** The same with a change of what becomes of a call. */
  public SimulatorConfig behaving(UnaryOperator<Behaviour> change) {
    return new SimulatorConfig(seed, models, access, change.apply(behaviour), bookkeeping);
  }

  /** The same with other limits. */
  public SimulatorConfig withLimits(RateLimits value) {
    return admitting(old -> old.withLimits(value));
  }

  /** The same with a key that callers must send. */
  public SimulatorConfig withRequiredKey(ApiKey key) {
    return admitting(old -> old.withKeys(List.of(key)));
  }

  /** The same with another latency. */
  public SimulatorConfig withLatency(Latency value) {
    return behaving(old -> old.withLatency(value));
  }

  /** The same with other planned faults. */
  public SimulatorConfig withFaults(FaultProfile value) {
    return behaving(old -> old.withFaults(value));
  }

  /** The same with another length of stalls. */
  public SimulatorConfig withStall(Duration time) {
    return behaving(old -> old.withStall(time));
  }

  /** The same with an end some time after the first call. */
  public SimulatorConfig withDeadAfter(Duration time) {
    return behaving(old -> old.withDeadAfter(time));
  }

  /** The same with the control surface on a port of its own as well. */
  public SimulatorConfig withAdminPort(int port) {
    return keeping(old -> old.withAdminPort(port));
  }

  /** The same with another bound on the call log. */
  public SimulatorConfig withCallsKeptMax(int value) {
    return keeping(old -> old.withCallsKeptMax(value));
  }

  private SimulatorConfig keeping(UnaryOperator<Bookkeeping> change) {
    return new SimulatorConfig(seed, models, access, behaviour, change.apply(bookkeeping));
  }

  private static void requireInRange(String name, int value, int smallest, int largest) {
    if (value < smallest || value > largest) {
      throw new IllegalArgumentException(
          name + " is " + value + "; it must be from " + smallest + " to " + largest);
    }
  }

  private static void requireNotNegative(String name, Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative");
    }
  }
}
