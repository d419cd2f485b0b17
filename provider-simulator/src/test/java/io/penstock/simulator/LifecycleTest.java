package io.penstock.simulator;

import static io.penstock.simulator.SimulatorClient.chat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.simulator.behaviour.Latency;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class LifecycleTest {
  private static final String HOST = "127.0.0.1";

  @Test
  void aDeadSimulatorRefusesConnectionsUntilItIsRevived() throws IOException {
    try (var simulator = Simulator.start(SimulatorConfig.standard(), HOST, 0);
        var client = new SimulatorClient(simulator)) {
      client.postChat(chat("m", "hello"));
      int port = simulator.port();

      simulator.die();

      assertThat(simulator.alive()).isFalse();
      assertThatThrownBy(() -> client.postChat(chat("m", "hello")))
          .isInstanceOf(ConnectException.class);

      simulator.revive();

      assertThat(simulator.port()).isEqualTo(port);
      assertThat(client.postChat(chat("m", "hello")).statusCode()).isEqualTo(200);
      assertThat(simulator.log().summary().served()).isEqualTo(2);
    }
  }

  @Test
  void callsInFlightDieWithTheSimulator() {
    var config = SimulatorConfig.standard().withLatency(Latency.parse("fixed:30s"));
    try (var simulator = Simulator.start(config, HOST, 0);
        var client = new SimulatorClient(simulator);
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var answer = executor.submit(() -> client.postChat(chat("m", "hello")));
      await().until(() -> simulator.log().summary().inFlight() == 1);

      simulator.die();

      assertThatThrownBy(answer::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IOException.class);
      await().until(() -> simulator.log().summary().inFlight() == 0);
      assertThat(simulator.log().summary().served()).isZero();
      assertThat(simulator.log().summary().clientGone()).isEqualTo(1);
    }
  }

  @Test
  void deathMayBePlannedForSomeTimeAfterTheFirstCall() throws IOException {
    var config = SimulatorConfig.standard().withDeadAfter(Duration.ofMillis(50));
    try (var simulator = Simulator.start(config, HOST, 0);
        var client = new SimulatorClient(simulator)) {
      assertThat(client.postChat(chat("m", "hello")).statusCode()).isEqualTo(200);

      await().until(() -> !simulator.alive());

      assertThatThrownBy(() -> client.postChat(chat("m", "hello"))).isInstanceOf(IOException.class);
    }
  }

  @Test
  void theControlSurfaceKillsAndOnAPortOfItsOwnRevives() throws IOException {
    var config = SimulatorConfig.standard().withAdminPort(0);
    try (var simulator = Simulator.start(config, HOST, 0);
        var client = new SimulatorClient(simulator);
        var admin =
            new SimulatorClient(
                URI.create("http://" + HOST + ":" + simulator.adminPort().orElseThrow()))) {
      assertThat(client.post("/sim/revive", "").statusCode()).isEqualTo(404);

      assertThat(client.post("/sim/die", "").body()).isEqualTo("{\"status\":\"dying\"}");
      await().until(() -> !simulator.alive());
      assertThat(admin.getJson("/sim/summary").get("calls").asInt()).isZero();
      assertThat(admin.post("/sim/revive", "").body()).isEqualTo("{\"status\":\"alive\"}");

      assertThat(client.postChat(chat("m", "hello")).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aTakenPortIsSaidToBeTaken() throws IOException {
    try (var taken = new ServerSocket(0)) {
      int port = taken.getLocalPort();

      assertThatThrownBy(() -> Simulator.start(SimulatorConfig.standard(), HOST, port))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the simulator cannot listen on 127.0.0.1:" + port + "; is the port taken?");
    }
  }

  @Test
  void aClosedSimulatorStaysClosed() {
    var simulator = Simulator.start(SimulatorConfig.standard(), HOST, 0);
    simulator.close();

    assertThatThrownBy(simulator::revive)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a closed simulator cannot be revived");
    assertThat(simulator.alive()).isFalse();
  }
}
