package io.penstock.standalone.cli;

import io.penstock.simulator.ApiKey;
import io.penstock.simulator.Simulator;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.behaviour.DurationText;
import io.penstock.simulator.behaviour.FaultProfile;
import io.penstock.simulator.behaviour.Latency;
import io.penstock.simulator.behaviour.OrderBook;
import io.penstock.simulator.behaviour.Orders;
import io.penstock.simulator.limit.RateLimits;
import io.penstock.simulator.limit.RateLimits.Counted;
import io.penstock.simulator.limit.RateLimits.LimitHeaders;
import java.util.List;
import java.util.Optional;
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
        "Runs a provider that is not one, for OpenAI, Azure, Anthropic and Gemini: real limits, planned"
            + " faults, and a call log at /sim/summary. See docs/simulator.md.",
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
      names = "--orders",
      paramLabel = "ORDERS",
      description =
          "What every call is like unless its model or headers say otherwise, such as"
              + " fault-503+latency-2s.")
  private @Nullable String orders;

  @Option(
      names = "--models",
      split = ",",
      paramLabel = "NAME",
      description = "Models that exist; every name when absent.")
  private List<String> models = List.of();

  @Option(
      names = "--keys",
      split = ",",
      paramLabel = "KEY",
      description = "Keys of which callers must send one; none is asked for when absent.")
  private List<String> keys = List.of();

  @Option(
      names = "--hidden-limits",
      description = "Says nothing of the limits in headers before it answers 429.")
  private boolean limitsHidden;

  @Option(
      names = "--admin-port",
      paramLabel = "N",
      description =
          "Port of the control surface alone, which hears even when the provider is dead.")
  private @Nullable Integer adminPort;

  @Option(
      names = "--stall",
      paramLabel = "D",
      description = "How long a stalled call stays silent before it is closed (default: 8s).")
  private @Nullable String stall;

  @Option(
      names = "--slow",
      paramLabel = "D",
      description = "What a slow call takes longer (default: 10s).")
  private @Nullable String slow;

  @Option(
      names = "--rpm",
      paramLabel = "N",
      description = "Requests per minute of each key; unlimited when absent.")
  private @Nullable Long requestsPerMinute;

  @Option(
      names = "--tpm",
      paramLabel = "N",
      description = "Tokens per minute of each key; unlimited when absent.")
  private @Nullable Long tokensPerMinute;

  @Option(
      names = "--limits-by-model",
      description = "Each model of a key has the limits for itself, as most providers count.")
  private boolean limitsByModel;

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
    var config = config();
    var ordered = orders == null ? Orders.NONE : Orders.parse(orders);
    var stop = new CountDownLatch(1);
    try (var simulator = Simulator.start(config, host, port)) {
      if (!ordered.equals(Orders.NONE)) {
        simulator.order(OrderBook.EVERY_MODEL, ordered, Optional.empty());
      }
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

  private SimulatorConfig config() {
    var config =
        SimulatorConfig.standard()
            .withSeed(seed)
            .withModels(models)
            .withFaults(FaultProfile.parse(faults))
            .withLatency(Latency.parse(latency))
            .withLimits(limits())
            .admitting(access -> access.withKeys(keys.stream().map(ApiKey::new).toList()));
    if (deadAfter != null) {
      config = config.withDeadAfter(DurationText.parse(deadAfter));
    }
    if (stall != null) {
      config = config.withStall(DurationText.parse(stall));
    }
    if (slow != null) {
      var time = DurationText.parse(slow);
      config = config.behaving(behaviour -> behaviour.withSlow(time));
    }
    return adminPort == null ? config : config.withAdminPort(adminPort);
  }

  private RateLimits limits() {
    var limits =
        RateLimits.unlimited().withHeaders(limitsHidden ? LimitHeaders.HIDDEN : LimitHeaders.SENT);
    if (requestsPerMinute != null) {
      limits = limits.withRequests(requestsPerMinute);
    }
    if (limitsByModel) {
      limits = limits.withCounted(Counted.BY_MODEL);
    }
    return tokensPerMinute == null ? limits : limits.withTokens(tokensPerMinute);
  }
}
