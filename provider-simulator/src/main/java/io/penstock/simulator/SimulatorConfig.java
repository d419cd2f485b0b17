package io.penstock.simulator;

import io.penstock.simulator.behaviour.FaultProfile;
import io.penstock.simulator.behaviour.Latency;
import io.penstock.simulator.limit.RateLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a simulated provider behaves. Start from {@link #standard()} and change what matters.
 *
 * @param seed all that is left to chance follows from it
 * @param models those that exist; empty lets every name through
 * @param limits requests and tokens per minute
 * @param latency time until an answer is complete
 * @param faults planned faults
 * @param requiredKey what callers must send as bearer token; empty lets everybody in
 * @param requestIdHeaders where the request id is looked for, first found wins; lower case
 * @param attemptHeader where the caller says which attempt a call is; lower case
 * @param outputTokensMedian of the answers, which are log-normally long
 * @param stall how long a stalled call stays silent before the connection is closed
 * @param slow what a slow call takes longer
 * @param deadAfter time from the first call to {@link Simulator#die()}; empty means never
 * @param adminPort where the control surface listens as well, so that a dead simulator can be
 *     revived; 0 picks a free port, empty means nowhere
 * @param callsKeptMax calls whose details are kept; further ones are only counted
 * @param bodyBytesMax larger request bodies are refused with 413
 */
public record SimulatorConfig(
    long seed,
    List<String> models,
    RateLimits limits,
    Latency latency,
    FaultProfile faults,
    Optional<ApiKey> requiredKey,
    List<String> requestIdHeaders,
    String attemptHeader,
    int outputTokensMedian,
    Duration stall,
    Duration slow,
    Optional<Duration> deadAfter,
    OptionalInt adminPort,
    int callsKeptMax,
    int bodyBytesMax) {

  /**
   * @throws IllegalArgumentException if a number or a time is out of range; the message says which
   */
  public SimulatorConfig {
    models = List.copyOf(models);
    requestIdHeaders = List.copyOf(requestIdHeaders);
    requireInRange("the median of output tokens", outputTokensMedian, 1, 4_096);
    requireInRange("the number of calls kept", callsKeptMax, 0, 10_000_000);
    requireInRange("the body limit in bytes", bodyBytesMax, 1, 1 << 30);
    requireInRange("the admin port", adminPort.orElse(0), 0, 65_535);
    requireNotNegative("stall", stall);
    requireNotNegative("slow", slow);
    deadAfter.ifPresent(time -> requireNotNegative("dead-after", time));
  }

  /** No limits, no latency, no faults, everybody let in. */
  public static SimulatorConfig standard() {
    return new SimulatorConfig(
        1,
        List.of(),
        RateLimits.unlimited(),
        new Latency.Zero(),
        FaultProfile.none(),
        Optional.empty(),
        List.of("x-penstock-request-id", "x-request-id", "x-client-request-id", "idempotency-key"),
        "x-penstock-attempt",
        60,
        Duration.ofSeconds(8),
        Duration.ofSeconds(10),
        Optional.empty(),
        OptionalInt.empty(),
        2_000_000,
        64 << 20);
  }

  /** The same with another seed. */
  public SimulatorConfig withSeed(long value) {
    return new SimulatorConfig(
        value,
        models,
        limits,
        latency,
        faults,
        requiredKey,
        requestIdHeaders,
        attemptHeader,
        outputTokensMedian,
        stall,
        slow,
        deadAfter,
        adminPort,
        callsKeptMax,
        bodyBytesMax);
  }

  /** The same with only these models. */
  public SimulatorConfig withModels(List<String> names) {
    return new SimulatorConfig(
        seed,
        names,
        limits,
        latency,
        faults,
        requiredKey,
        requestIdHeaders,
        attemptHeader,
        outputTokensMedian,
        stall,
        slow,
        deadAfter,
        adminPort,
        callsKeptMax,
        bodyBytesMax);
  }

  /** The same with other limits. */
  public SimulatorConfig withLimits(RateLimits value) {
    return new SimulatorConfig(
        seed,
        models,
        value,
        latency,
        faults,
        requiredKey,
        requestIdHeaders,
        attemptHeader,
        outputTokensMedian,
        stall,
        slow,
        deadAfter,
        adminPort,
        callsKeptMax,
        bodyBytesMax);
  }

  /** The same with another latency. */
  public SimulatorConfig withLatency(Latency value) {
    return new SimulatorConfig(
        seed,
        models,
        limits,
        value,
        faults,
        requiredKey,
        requestIdHeaders,
        attemptHeader,
        outputTokensMedian,
        stall,
        slow,
        deadAfter,
        adminPort,
        callsKeptMax,
        bodyBytesMax);
  }

  /** The same with other planned faults. */
  public SimulatorConfig withFaults(FaultProfile value) {
    return new SimulatorConfig(
        seed,
        models,
        limits,
        latency,
        value,
        requiredKey,
        requestIdHeaders,
        attemptHeader,
        outputTokensMedian,
        stall,
        slow,
        deadAfter,
        adminPort,
        callsKeptMax,
        bodyBytesMax);
  }

  /** The same with a key that callers must send. */
  public SimulatorConfig withRequiredKey(ApiKey key) {
    return new SimulatorConfig(
        seed,
        models,
        limits,
        latency,
        faults,
        Optional.of(key),
        requestIdHeaders,
        attemptHeader,
        outputTokensMedian,
        stall,
        slow,
        deadAfter,
        adminPort,
        callsKeptMax,
        bodyBytesMax);
  }

  /** The same with other headers for the request id. */
  public SimulatorConfig withRequestIdHeaders(List<String> names) {
    return new SimulatorConfig(
        seed,
        models,
        limits,
        latency,
        faults,
        requiredKey,
        names,
        attemptHeader,
        outputTokensMedian,
        stall,
        slow,
        deadAfter,
        adminPort,
        callsKeptMax,
        bodyBytesMax);
  }

  /** The same with longer or shorter answers. */
  public SimulatorConfig withOutputTokensMedian(int value) {
    return new SimulatorConfig(
        seed,
        models,
        limits,
        latency,
        faults,
        requiredKey,
        requestIdHeaders,
        attemptHeader,
        value,
        stall,
        slow,
        deadAfter,
        adminPort,
        callsKeptMax,
        bodyBytesMax);
  }

  /** The same with another length of stalls. */
  public SimulatorConfig withStall(Duration time) {
    return new SimulatorConfig(
        seed,
        models,
        limits,
        latency,
        faults,
        requiredKey,
        requestIdHeaders,
        attemptHeader,
        outputTokensMedian,
        time,
        slow,
        deadAfter,
        adminPort,
        callsKeptMax,
        bodyBytesMax);
  }

  /** The same with another slowness of slow calls. */
  public SimulatorConfig withSlow(Duration time) {
    return new SimulatorConfig(
        seed,
        models,
        limits,
        latency,
        faults,
        requiredKey,
        requestIdHeaders,
        attemptHeader,
        outputTokensMedian,
        stall,
        time,
        deadAfter,
        adminPort,
        callsKeptMax,
        bodyBytesMax);
  }

  /** The same with an end some time after the first call. */
  public SimulatorConfig withDeadAfter(Duration time) {
    return new SimulatorConfig(
        seed,
        models,
        limits,
        latency,
        faults,
        requiredKey,
        requestIdHeaders,
        attemptHeader,
        outputTokensMedian,
        stall,
        slow,
        Optional.of(time),
        adminPort,
        callsKeptMax,
        bodyBytesMax);
  }

  /** The same with the control surface on a port of its own as well. */
  public SimulatorConfig withAdminPort(int port) {
    return new SimulatorConfig(
        seed,
        models,
        limits,
        latency,
        faults,
        requiredKey,
        requestIdHeaders,
        attemptHeader,
        outputTokensMedian,
        stall,
        slow,
        deadAfter,
        OptionalInt.of(port),
        callsKeptMax,
        bodyBytesMax);
  }

  /** The same with another bound on the call log. */
  public SimulatorConfig withCallsKeptMax(int value) {
    return new SimulatorConfig(
        seed,
        models,
        limits,
        latency,
        faults,
        requiredKey,
        requestIdHeaders,
        attemptHeader,
        outputTokensMedian,
        stall,
        slow,
        deadAfter,
        adminPort,
        value,
        bodyBytesMax);
  }

  /** The same with another bound on request bodies. */
  public SimulatorConfig withBodyBytesMax(int value) {
    return new SimulatorConfig(
        seed,
        models,
        limits,
        latency,
        faults,
        requiredKey,
        requestIdHeaders,
        attemptHeader,
        outputTokensMedian,
        stall,
        slow,
        deadAfter,
        adminPort,
        callsKeptMax,
        value);
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
