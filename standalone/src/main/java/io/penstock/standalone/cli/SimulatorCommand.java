package io.penstock.standalone.cli;

import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.behaviour.DurationText;
import io.penstock.simulator.behaviour.FaultProfile;
import io.penstock.simulator.behaviour.Latency;
import io.penstock.simulator.limit.RateLimits;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "simulator",
    description =
        "Runs a provider that is not one: real limits, planned faults, and a call log at /sim/summary.",
    mixinStandardHelpOptions = true)
final class SimulatorCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "9090",
      description = "Port on 127.0.0.1 (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Same seed, same answers and faults (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--faults",
      paramLabel = "PROFILE",
      defaultValue = "none",
      description =
          "none, mild, harsh, or shares such as http500=5%%,reset=1%%,retry-after=1s..2s.")
  private String faults = "none";

  @Option(
      names = "--rpm",
      paramLabel = "N",
      description = "Requests per minute; unlimited when absent.")
  private @Nullable Long requestsPerMinute;

  @Option(
      names = "--tpm",
      paramLabel = "N",
      description = "Tokens per minute; unlimited when absent.")
  private @Nullable Long tokensPerMinute;

  @Option(
      names = "--latency",
      paramLabel = "L",
      defaultValue = "zero",
      description =
          "zero, fixed:50ms, uniform:5s,30s or lognormal:300ms,0.5 (default: ${DEFAULT-VALUE}).")
  private String latency = "zero";

  @Option(
      names = "--dead-after",
      paramLabel = "D",
      description = "Refuses connections from this time after the first call on, such as 5s.")
  private @Nullable String deadAfter;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "Address to listen on (default: ${DEFAULT-VALUE}).")
  private String host = "127.0.0.1";

  @Override
  public Integer call() throws InterruptedException {
    var config =
        SimulatorConfig.standard()
            .withSeed(seed)
            .withFaults(FaultProfile.parse(faults))
            .withLatency(Latency.parse(latency))
            .withLimits(limits());
    if (deadAfter != null) {
      config = config.withDeadAfter(DurationText.parse(deadAfter));
    }
    var stop = new CountDownLatch(1);
    try (var simulator = Simulator.start(config, host, port)) {
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(stop::countDown));
      var out = spec.commandLine().getOut();
      out.println(
          "simulator listens on "
              + simulator.uri()
              + " (base URL "
              + simulator.uri()
              + "/v1, call log "
              + simulator.uri()
              + "/sim/summary)");
      out.flush();
      stop.await();
    }
    return 0;
  }

  private RateLimits limits() {
    var limits = RateLimits.unlimited();
    if (requestsPerMinute != null) {
      limits = limits.withRequests(requestsPerMinute);
    }
    return tokensPerMinute == null ? limits : limits.withTokens(tokensPerMinute);
  }
}
