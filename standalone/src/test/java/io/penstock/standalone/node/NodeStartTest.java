package io.penstock.standalone.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.platform.config.ConfigException;
import io.penstock.standalone.data.StartupException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with what was typed is told at once, before anything is started. */
final class NodeStartTest {

  @TempDir private Path directory;

  @AfterEach
  void nothingWasStarted() {
    assertThat(directory.resolve("data/kafka")).doesNotExist();
    assertThat(directory.resolve("data/registry")).doesNotExist();
  }

  @Test
  void aPortThatIsTaken() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var config = new NodeConfig(directory.resolve("data"), taken.getLocalPort(), null, null);

      assertThatThrownBy(() -> Node.start(config))
          .isInstanceOf(StartupException.class)
          .hasMessage(
              "Port "
                  + taken.getLocalPort()
                  + " for the HTTP API (--port) is taken: stop what listens there, or choose"
                  + " another port.");
    }
  }

  @Test
  void anUnknownSetting() {
    var config = new NodeConfig(directory.resolve("data"), 0, null, "router: {thread: 2}");

    assertThatThrownBy(() -> Node.start(config))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("router.thread: unknown key");
  }

  @Test
  void aCatalogueWithAnUnknownKey() {
    var config =
        new NodeConfig(directory.resolve("data"), 0, "organizations: [{id: a, nam: b}]", null);

    assertThatThrownBy(() -> Node.start(config))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("organizations[0].nam: unknown key");
  }
}
