package io.penstock.systemtests;

import io.penstock.standalone.client.ApiClient;
import io.penstock.standalone.node.Endpoint;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Penstock in a process of its own, that can be killed. */
final class LiveProcess {

  private LiveProcess() {}

  /** Starts a process and returns when it is ready. */
  static Process up(Path data, int port, Path config) throws IOException {
    return up(data, port, config, Redirect.INHERIT);
  }

  /**
   * Starts a process and returns when it is ready.
   *
   * @param log where its standard error goes
   */
  static Process up(Path data, int port, Path config, Redirect log) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(
        List.of(
            "-cp", System.getProperty("java.class.path"), "io.penstock.standalone.cli.Main", "up"));
    command.addAll(
        List.of(
            "--data",
            data.toString(),
            "--port",
            Integer.toString(port),
            "--config",
            config.toString()));
    var process = new ProcessBuilder(command).redirectError(log).start();
    var out = process.inputReader();
    for (var line = out.readLine(); line != null; line = out.readLine()) {
      if (line.contains("listens on")) {
        return process;
      }
    }
    throw new AssertionError("penstock up ended before it was ready");
  }

  /** Lets it end by itself, for half a minute. */
  static void stop(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  /** A client of the administrator of the installation below a directory. */
  static ApiClient administrator(Path data) {
    var endpoint = Endpoint.of(data).orElseThrow();
    return new ApiClient(endpoint.url(), endpoint.adminKey());
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
