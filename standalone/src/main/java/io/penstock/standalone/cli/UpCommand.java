package io.penstock.standalone.cli;

import io.penstock.standalone.node.Node;
import io.penstock.standalone.node.NodeConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "up",
    description = "Runs everything in one process; state survives restarts.",
    mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "penstock-data",
      description = "Data directory (default: ${DEFAULT-VALUE}).")
  private Path data = Path.of("penstock-data");

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "Port of the HTTP API on 127.0.0.1 (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Catalogue to publish at start: organisations, pools, models, prices, budgets.")
  private @Nullable Path config;

  @Option(
      names = "--settings",
      paramLabel = "FILE",
      description = "The services' own settings; see docs/config.md.")
  private @Nullable Path settings;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var out = spec.commandLine().getOut();
    var nodeConfig = new NodeConfig(data, port, read(config), read(settings));
    var stopped = new CountDownLatch(1);
    try (var node = Node.start(nodeConfig, LastWords.of(data, spec.commandLine().getErr()))) {
      var closer = Thread.ofPlatform().unstarted(() -> close(node, out, stopped));
      Runtime.getRuntime().addShutdownHook(closer);
      out.println("penstock listens on " + node.url());
      out.println("  base URL for clients  " + node.url() + "/v1");
      out.println(
          "  administrator's key   in "
              + data.resolve("secrets.properties")
              + " (commands with --data "
              + data
              + " use it)");
      out.println("  stop with Ctrl-C");
      out.flush();
      stopped.await();
    }
    return 0;
  }

  private static void close(Node node, PrintWriter out, CountDownLatch stopped) {
    try {
      SecondSignal.ends();
      out.println("stopping: running calls end first, for 30 s at most; again to stop at once");
      out.flush();
      node.close();
      out.println("stopped");
      out.flush();
    } finally {
      stopped.countDown();
      // An orderly stop is no failure; left alone, the JVM would end with 143 for SIGTERM.
      Runtime.getRuntime().halt(0);
    }
  }

  static @Nullable String read(@Nullable Path file) throws IOException {
    if (file == null) {
      return null;
    }
    if (!Files.isReadable(file)) {
      throw new IllegalArgumentException(
          "cannot read " + file + ": is the path right, and is it yours to read?");
    }
    return Files.readString(file);
  }
}
