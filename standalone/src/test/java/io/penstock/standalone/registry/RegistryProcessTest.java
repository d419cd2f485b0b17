package io.penstock.standalone.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.penstock.standalone.data.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryProcessTest {
  private static final Path INSTALLATION = Path.of("target", "registry");
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final AvroSchema FIRST = schema("{\"name\":\"id\",\"type\":\"string\"}");
  private static final AvroSchema WITH_DEFAULT =
      schema(
          "{\"name\":\"id\",\"type\":\"string\"},{\"name\":\"note\",\"type\":\"string\",\"default\":\"\"}");
  private static final AvroSchema WITHOUT_DEFAULT =
      schema("{\"name\":\"id\",\"type\":\"string\"},{\"name\":\"amount\",\"type\":\"long\"}");

  @TempDir private Path directory;

  @Test
  void theConfluentClientFindsItsSchemasAgainAfterKillMinusNine() throws Exception {
    int first;
    int second;
    String url;
    try (var registry = RegistryProcess.start(config())) {
      registry.awaitReady(TIMEOUT);
      url = registry.url();
      var client = client(registry);
      first = client.register("usage-io.penstock.Usage", FIRST);
      client.updateCompatibility("usage-io.penstock.Usage", "FULL_TRANSITIVE");
      assertThat(client.getCompatibility("usage-io.penstock.Usage")).isEqualTo("FULL_TRANSITIVE");
      assertThatThrownBy(() -> client.register("usage-io.penstock.Usage", WITHOUT_DEFAULT))
          .isInstanceOfSatisfying(
              RestClientException.class, e -> assertThat(e.getStatus()).isEqualTo(409));
      second = client.register("usage-io.penstock.Usage", WITH_DEFAULT);

      // kill -9, with nothing between it and the answer
      registry.handle().destroyForcibly();
      registry.handle().onExit().join();
    }

    try (var registry = RegistryProcess.start(config())) {
      registry.awaitReady(TIMEOUT);
      assertThat(registry.url()).isEqualTo(url);
      var client = client(registry);
      assertThat(client.getSchemaById(first).rawSchema()).isEqualTo(FIRST.rawSchema());
      assertThat(client.getSchemaById(second).rawSchema()).isEqualTo(WITH_DEFAULT.rawSchema());
      assertThat(client.register("usage-io.penstock.Usage", FIRST)).isEqualTo(first);
      assertThat(client.getId("usage-io.penstock.Usage", WITH_DEFAULT)).isEqualTo(second);
      assertThat(client.getAllVersions("usage-io.penstock.Usage")).containsExactly(1, 2);
      assertThat(client.getCompatibility("usage-io.penstock.Usage")).isEqualTo("FULL_TRANSITIVE");

      new ProcessBuilder("kill", "-INT", String.valueOf(registry.handle().pid())).start().waitFor();
      assertThat(client.getAllSubjects()).as("Ctrl-C is for the parent to act on").hasSize(1);
    }
  }

  @Test
  void oneThatIsKilledAloneIsStartedAgainOnTheSamePort() throws Exception {
    try (var registry = RegistryProcess.start(config())) {
      registry.awaitReady(TIMEOUT);
      var id = client(registry).register("usage-io.penstock.Usage", FIRST);
      var killed = registry.handle();

      killed.destroyForcibly();

      await()
          .atMost(TIMEOUT)
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  assertThat(client(registry).getSchemaById(id).rawSchema())
                      .isEqualTo(FIRST.rawSchema()));
      assertThat(registry.handle().pid()).isNotEqualTo(killed.pid());
    }
  }

  @Test
  void itDiesWithAParentThatIsKilledAndTheNextOneTakesOver() throws Exception {
    var parent = startParent();
    var line = parent.inputReader().readLine();
    var child = ProcessHandle.of(Long.parseLong(line)).orElseThrow();

    parent.destroyForcibly();
    parent.onExit().join();

    try (var registry = RegistryProcess.start(config())) {
      registry.awaitReady(TIMEOUT);
      child.onExit().get(1, TimeUnit.SECONDS);
      assertThatThrownBy(() -> RegistryProcess.start(config()))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("is in use by process " + ProcessHandle.current().pid());
    }
  }

  @Test
  void theLastLinesOfItsLogSayWhyItDidNotStart() throws Exception {
    Files.writeString(directory.resolve("schemas.mv.db"), "not a database");

    try (var registry = RegistryProcess.start(config())) {
      assertThatThrownBy(() -> registry.awaitReady(TIMEOUT))
          .isInstanceOf(StartupException.class)
          .hasMessageStartingWith("The schema registry ended with code 1: see ")
          .hasMessageContaining("MVStoreException: ")
          .hasMessageNotContaining("\tat ");
    }
  }

  @Test
  void aMissingInstallationIsNamed() {
    var nowhere = directory.resolve("nowhere");

    assertThatThrownBy(() -> RegistryProcess.start(RegistryConfig.of(directory, nowhere)))
        .isInstanceOf(StartupException.class)
        .hasMessage(
            "No schema registry in " + nowhere + ": build it with mvn -pl standalone -am package.");
  }

  private RegistryConfig config() {
    return new RegistryConfig(directory, INSTALLATION, 0, Optional.empty());
  }

  private Process startParent() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Parent.class.getName(),
            directory.toString(),
            INSTALLATION.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** A process that starts a registry, says its process id, and does not stop it. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] arguments) throws IOException {
      var registry =
          RegistryProcess.start(RegistryConfig.of(Path.of(arguments[0]), Path.of(arguments[1])));
      registry.awaitReady(TIMEOUT);
      System.out.println(registry.handle().pid());
      System.in.read();
    }
  }

  private static CachedSchemaRegistryClient client(RegistryProcess registry) {
    return new CachedSchemaRegistryClient(registry.url(), 10);
  }

  private static AvroSchema schema(String fields) {
    return new AvroSchema(
        "{\"type\":\"record\",\"name\":\"Usage\",\"namespace\":\"io.penstock\",\"fields\":["
            + fields
            + "]}");
  }
}
