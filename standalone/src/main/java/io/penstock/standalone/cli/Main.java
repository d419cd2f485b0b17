package io.penstock.standalone.cli;

import io.penstock.platform.config.ConfigException;
import io.penstock.platform.telemetry.JavaLogging;
import io.penstock.standalone.client.ApiClientException;
import io.penstock.standalone.data.StartupException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The {@code penstock} command. What goes wrong is one clear line on standard error and an exit
 * code other than 0.
 */
@Command(
    name = "penstock",
    description =
        "An AI gateway on Kafka: one endpoint and one key in front of many model providers.",
    mixinStandardHelpOptions = true,
    version = "penstock 0.1.0",
    subcommands = {
      UpCommand.class,
      DemoCommand.class,
      SimulatorCommand.class,
      BatchCommand.class,
      TopicsCommand.class,
      ApplyCommand.class,
      KeysCommand.class,
      LedgerCommand.class,
      UsageCommand.class,
      BalanceCommand.class,
      CreditsCommand.class,
      InvoiceCommand.class,
      CacheCommand.class,
      PricesCommand.class
    })
public final class Main implements Runnable {

  private static final int EXIT_FAILURE = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    JavaLogging.route();
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(oneLine())
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  private static IExecutionExceptionHandler oneLine() {
    return (exception, commandLine, parsed) -> {
      var err = commandLine.getErr();
      switch (exception) {
        case ConfigException _,
            ApiClientException _,
            StartupException _,
            IllegalStateException _,
            IllegalArgumentException _ ->
            err.println("penstock: " + exception.getMessage());
        case NoSuchFileException missing ->
            err.println("penstock: there is no file " + missing.getMessage());
        case IOException _ ->
            err.println(
                "penstock: "
                    + exception.getClass().getSimpleName()
                    + ": "
                    + exception.getMessage());
        default -> exception.printStackTrace(err);
      }
      return EXIT_FAILURE;
    };
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }
}
