package io.penstock.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.standalone.client.ApiClient.Dry;
import io.penstock.standalone.client.ApiClient.Jumps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "apply",
    description = "Publishes a catalogue file, whole or not at all, and shows the difference.",
    mixinStandardHelpOptions = true)
final class ApplyCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOptions server = new ServerOptions();

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      required = true,
      description = "penstock.yaml")
  private Path file = Path.of("penstock.yaml");

  @Option(names = "--dry-run", description = "Shows the difference only.")
  private boolean dryRun;

  @Option(names = "--allow-jumps", description = "Published prices may change by more than 90 %%.")
  private boolean jumps;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var yaml = Objects.requireNonNull(UpCommand.read(file));
    try (var client = server.client()) {
      var answer =
          client.apply(yaml, dryRun ? Dry.RUN : Dry.NO, jumps ? Jumps.ALLOWED : Jumps.REFUSED);
      var changes = answer.path("changes");
      for (JsonNode change : changes) {
        spec.commandLine().getOut().println(change.asText());
      }
      spec.commandLine()
          .getOut()
          .println(
              changes.isEmpty()
                  ? "nothing to change"
                  : changes.size() + (dryRun ? " changes, not applied" : " changes applied"));
      spec.commandLine().getOut().flush();
      return 0;
    }
  }
}
