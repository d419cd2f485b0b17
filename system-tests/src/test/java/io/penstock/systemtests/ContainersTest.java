package io.penstock.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.standalone.client.ApiClient;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.utility.MountableFile;

/**
 * The four services as four processes, each in its container: the composition of
 * docker-compose.yml.
 */
class ContainersTest {

  private static final String IMAGE = "penstock:local";
  private static final String ADMIN_KEY = "sk-pen-containers-test-administrator";
  private static final int LINES = 50;
  private static final Path DEPLOY = Path.of("../deploy");

  @TempDir private Path directory;

  @Test
  void aBatchRunsThroughFourSeparateServices() throws Exception {
    assumeTrue(
        engineRuns(), "skipped: no container engine answers here (start one, such as dockerd)");
    assumeTrue(
        imageIsThere(),
        "skipped: there is no image "
            + IMAGE
            + " (docker build -t "
            + IMAGE
            + " . after mvn -DskipTests package)");
    var running = new ArrayList<GenericContainer<?>>();
    try (var network = Network.newNetwork()) {
      running.add(
          start(network, "broker")
              .withCopyFileToContainer(
                  MountableFile.forHostPath(DEPLOY.resolve("broker.properties")),
                  "/etc/penstock/broker.properties"));
      running.add(start(network, "registry"));
      running.add(
          start(network, "simulator")
              .withCommand("simulator", "--host", "0.0.0.0", "--port", "9090"));
      running.forEach(GenericContainer::start);
      for (var service : List.of("billing", "worker", "router", "ingress")) {
        var container = service(network, service);
        running.add(container);
        container.start();
      }
      var ingress = running.getLast();
      var url = URI.create("http://" + ingress.getHost() + ":" + ingress.getMappedPort(8080));
      try (var admin = new ApiClient(url, ADMIN_KEY)) {
        // the job view may still be coming up when the first routes already answer
        Awaitility.await().atMost(Duration.ofSeconds(120)).ignoreExceptions().until(admin::ready);
        admin.apply(Installed.catalog(URI.create("http://simulator:9090")), ApiClient.Dry.NO);
        var key = admin.createKey("test", "alpha");
        try (var client = new ApiClient(url, key)) {
          var file =
              client
                  .uploadBatchFile(Installed.lines(directory.resolve("input.jsonl"), LINES))
                  .path("id")
                  .asText();
          var batch =
              Installed.ended(
                  client,
                  client.createBatch(file, "/v1/chat/completions").path("id").asText(),
                  Duration.ofSeconds(120));

          assertThat(batch.path("status").asText()).isEqualTo("completed");
          assertThat(batch.path("request_counts").path("completed").asInt()).isEqualTo(LINES);
        }
      }
    } finally {
      running.reversed().forEach(GenericContainer::stop);
    }
  }

  private static GenericContainer<?> start(Network network, String name) {
    return new GenericContainer<>(IMAGE)
        .withImagePullPolicy(image -> false)
        .withNetwork(network)
        .withNetworkAliases(name)
        .withCommand(name);
  }

  private static GenericContainer<?> service(Network network, String name) {
    return start(network, name)
        .withCopyFileToContainer(
            MountableFile.forHostPath(DEPLOY.resolve("penstock.yaml")),
            "/etc/penstock/penstock.yaml")
        .withEnv("PENSTOCK_CONFIG", "/etc/penstock/penstock.yaml")
        .withEnv("PENSTOCK_PEPPER", "containers-test-pepper-0123456789")
        .withEnv("PENSTOCK_ADMIN_KEY", ADMIN_KEY)
        .withExposedPorts(name.equals("ingress") ? 8080 : 9100);
  }

  private static boolean engineRuns() {
    return Files.exists(Path.of("/var/run/docker.sock"))
        && DockerClientFactory.instance().isDockerAvailable();
  }

  private static boolean imageIsThere() {
    return !DockerClientFactory.instance()
        .client()
        .listImagesCmd()
        .withImageNameFilter(IMAGE)
        .exec()
        .isEmpty();
  }
}
