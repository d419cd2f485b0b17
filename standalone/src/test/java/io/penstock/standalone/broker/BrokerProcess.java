package io.penstock.standalone.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;

/** A broker in a process of its own, which a test may kill. */
final class BrokerProcess implements AutoCloseable {
  private static final String READY = "broker is ready";

  private final Process process;

  private BrokerProcess(Process process) {
    this.process = process;
  }

  /** Starts the process and returns when its broker serves clients. */
  static BrokerProcess start(Path directory) throws IOException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var process =
        new ProcessBuilder(
                java,
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                BrokerProcess.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    for (var line = output.readLine(); line != null; line = output.readLine()) {
      if (line.equals(READY)) {
        return new BrokerProcess(process);
      }
    }
    throw new IOException("The broker process ended before its broker was ready");
  }

  /** Runs in the child. */
  public static void main(String[] arguments) throws IOException {
    EmbeddedBroker.start(EmbeddedBrokerConfig.of(Path.of(arguments[0])));
    System.out.println(READY);
    // Until the parent ends.
    System.in.read();
    Runtime.getRuntime().halt(0);
  }

  /** Ends the process as kill -9 does. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void close() {
    kill();
  }
}
