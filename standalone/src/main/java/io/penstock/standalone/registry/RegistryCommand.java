package io.penstock.standalone.registry;

import io.penstock.standalone.data.StartupException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of the child process. */
final class RegistryCommand {
  private RegistryCommand() {}

  /**
   * The arguments after {@code java}: a JVM that starts quickly and stays small, the registry's
   * settings, its class path.
   */
  static List<String> arguments(Path directory, Path installation, int port, List<String> more) {
    var arguments = new ArrayList<String>();
    arguments.addAll(jvm());
    arguments.addAll(more);
    arguments.addAll(settings(directory, port));
    arguments.add(
        "-D"
            + RegistryMain.LOCK_PROPERTY
            + "="
            + directory.resolve(RegistryProcess.CHILD_LOCK_FILE));
    arguments.add("-cp");
    arguments.add(String.join(System.getProperty("path.separator"), classPath(installation)));
    arguments.add(RegistryMain.class.getName());
    return arguments;
  }

  private static List<String> jvm() {
    return List.of(
        "-Xmx96m",
        "-Xss512k",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseCompactObjectHeaders",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        "--add-opens=java.base/java.lang=ALL-UNNAMED",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow");
  }

  private static List<String> settings(Path directory, int port) {
    return List.of(
        "-Dquarkus.http.host=127.0.0.1",
        "-Dquarkus.http.port=" + port,
        // Health and metrics have a listener of their own, by default on 0.0.0.0:9000.
        "-Dquarkus.management.host=127.0.0.1",
        "-Dquarkus.management.port=0",
        "-Dquarkus.http.access-log.enabled=false",
        "-Dquarkus.banner.enabled=false",
        "-Dquarkus.log.level=WARN",
        "-Dquarkus.log.category.\"io.apicurio\".level=WARN",
        "-Dquarkus.otel.sdk.disabled=true",
        // Its jobs tidy up, flush statistics and reread settings; nothing that one machine needs.
        "-Dquarkus.scheduler.enabled=false",
        "-Dapicurio.storage.kind=sql",
        "-Dapicurio.storage.sql.kind=h2",
        // An id that was handed out is in records at once, so each commit is written before it is
        // answered; H2 would wait 500 ms.
        "-Dapicurio.datasource.url=jdbc:h2:file:" + directory.resolve("schemas") + ";WRITE_DELAY=0",
        "-Dapicurio.datasource.jdbc.initial-size=1",
        "-Dapicurio.datasource.jdbc.min-size=1",
        "-Dapicurio.datasource.jdbc.max-size=4",
        "-Dapicurio.storage.snapshot.location=" + directory,
        "-Dapicurio.import.work-dir=" + directory);
  }

  /**
   * All jars on one class path, in the order that the registry's own launcher looks them up. Its
   * launcher loads them with a class loader of its own, which the JVM's cache of loaded classes
   * cannot serve.
   */
  static List<String> classPath(Path installation) {
    if (!Files.exists(installation.resolve("quarkus-run.jar"))) {
      throw new StartupException(
          "No schema registry in "
              + installation
              + ": build it with mvn -pl standalone -am package.");
    }
    var path = new ArrayList<String>();
    path.add(installation.resolve("quarkus/transformed-bytecode.jar").toString());
    path.add(installation.resolve("quarkus/generated-bytecode.jar").toString());
    path.addAll(jars(installation.resolve("app")));
    path.addAll(jars(installation.resolve("lib/boot")));
    path.addAll(jars(installation.resolve("lib/main")));
    path.add(ownLocation().toString());
    return path;
  }

  private static List<String> jars(Path directory) {
    try (var files = Files.list(directory)) {
      return files.map(Path::toString).filter(name -> name.endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new StartupException(
          "The schema registry in " + directory + " is not complete: delete and build it again.",
          e);
    }
  }

  /** The jar or directory that this class comes from. */
  private static Path ownLocation() {
    try {
      return Path.of(
          RegistryMain.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
