package io.penstock.standalone.cli;

import io.penstock.simulator.behaviour.Latency;
import io.penstock.standalone.demo.Demo;
import io.penstock.standalone.demo.DemoConfig;
import io.penstock.standalone.demo.DemoConfig.Faults;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "demo",
    description = "Runs the main job on two simulated providers and checks the books.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description =
          "Batch file (JSONL) with models fast and smart; 300 prompts of its own when absent.")
  private @Nullable Path input;

  @Option(
      names = "--faults",
      paramLabel = "PROFILE",
      defaultValue = "none",
      description = "none, mild or harsh (default: ${DEFAULT-VALUE}).")
  private Faults faults = Faults.NONE;

  @Option(
      names = "--latency",
      paramLabel = "L",
      defaultValue = "lognormal:150ms,0.5",
      description =
          "Of the providers: zero, fixed:50ms, lognormal:150ms,0.5 (default: ${DEFAULT-VALUE}).")
  private String latency = "zero";

  @Option(names = "--summary", paramLabel = "FILE", description = "Writes the summary as JSON.")
  private @Nullable Path summary;

  @Option(names = "--keep", description = "Keeps data and result files in ./penstock-demo.")
  private boolean keep;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var config =
        new DemoConfig(
            input, faults, Latency.parse(latency), summary, keep ? Path.of("penstock-demo") : null);
    var out = spec.commandLine().getOut();
    var err = spec.commandLine().getErr();
    return new Demo(config, out, data -> LastWords.of(data, err)).run() ? 0 : 1;
  }
}
