package io.penstock.systemtests;

import io.penstock.standalone.client.ApiClient;
import io.penstock.standalone.node.Endpoint;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Penstock in a process of its own, that can be killed. */
final class LiveProcess {

  private LiveProcess() {}

  /** Starts a process and returns when it is ready. */
  static Process up(Path data, int port, Path config) throws IOException {
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
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    var out = process.inputReader();
    for (var line = out.readLine(); line != null; line = out.readLine()) {
      if (line.contains("listens on")) {
        return process;
      }
    }
    throw new AssertionError("penstock up ended before it was ready");
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
