package io.penstock.standalone.registry;

import io.penstock.standalone.data.LoopbackPort;
import io.penstock.standalone.data.OwnedDirectory;
import io.penstock.standalone.data.StartupException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A schema registry in a child process that dies with this one, also when this one is killed. One
 * that was ready once and ends by itself is started again, on the same port: what is running goes
 * on with the schemas that it knows, but new pools and other processes need the registry.
 *
 * <p>Schemas and their ids survive {@link #close()} and kill -9. Safe to use from any thread.
 */
public final class RegistryProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryProcess.class);

  static final String CHILD_LOCK_FILE = "registry.lock";
  static final String LOG_FILE = "registry.log";
  private static final String STATE_FILE = "registry.properties";
  private static final String ARGUMENTS_FILE = "registry.args";
  private static final String API = "/apis/ccompat/v7";
  private static final Duration PREDECESSOR_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(25);
  private static final int LOG_LINES_MAX = 20;
  private static final Duration REVIVAL_PAUSE_MIN = Duration.ofMillis(250);
  private static final Duration REVIVAL_PAUSE_MAX = Duration.ofSeconds(30);

  /** A registry that served for so long did not end because of how it was started. */
  private static final Duration SERVED_WELL = Duration.ofMinutes(1);

  private final OwnedDirectory directory;
  private final RegistryConfig config;
  private final List<String> jvmArguments;
  private final int port;
  private final String url;
  private final long began = System.nanoTime();
  private final Object lock = new Object();

  /** Replaced under the lock only. */
  private volatile Process process;

  /** Written under the lock: nothing is started once it is set. */
  private volatile boolean closed;

  private @Nullable Thread keeper;

  private RegistryProcess(
      OwnedDirectory directory, RegistryConfig config, List<String> jvmArguments, int port) {
    this.directory = directory;
    this.config = config;
    this.jvmArguments = jvmArguments;
    this.port = port;
    this.url = "http://127.0.0.1:" + port + API;
    this.process = launch(directory.path(), config, port, jvmArguments);
  }

  /**
   * Starts the registry and returns at once; {@link #awaitReady} waits until it serves.
   *
   * @throws StartupException when it cannot be started; the message says what to do
   */
  public static RegistryProcess start(RegistryConfig config) {
    return start(
        config,
        config
            .cache()
            .filter(Files::exists)
            .map(file -> List.of("-XX:AOTCache=" + file.toAbsolutePath()))
            .orElse(List.of()));
  }

  static RegistryProcess start(RegistryConfig config, List<String> jvmArguments) {
    var directory = OwnedDirectory.claim(config.directory());
    try {
      awaitPredecessor(directory.path().resolve(CHILD_LOCK_FILE));
      var port = choosePort(directory, config.port());
      return new RegistryProcess(directory, config, jvmArguments, port);
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /**
   * The same base of the registry that last used a directory, for other processes on this machine;
   * empty when none ever did.
   */
  public static Optional<String> urlOf(Path directory) {
    return Optional.ofNullable(
            OwnedDirectory.read(directory.resolve(STATE_FILE)).getProperty("port"))
        .map(port -> "http://127.0.0.1:" + port + API);
  }

  /** The base of the Confluent-compatible API, for {@code schema.registry.url}. */
  public String url() {
    return url;
  }

  /** The process of this moment, for those who watch or measure it. */
  public ProcessHandle handle() {
    return process.toHandle();
  }

  /**
   * Waits until the registry answers. From then on it is kept alive.
   *
   * @throws StartupException when it ended, or did not answer in time; the message ends with the
   *     last lines of its log, without stack frames
   */
  public void awaitReady(Duration timeout) {
    var deadline = System.nanoTime() + timeout.toNanos();
    while (!answers()) {
      if (!process.isAlive()) {
        throw failure("ended with code " + process.exitValue());
      }
      if (System.nanoTime() > deadline) {
        throw failure("did not answer within " + timeout.toSeconds() + " s");
      }
      pause();
    }
    LOG.atInfo()
        .addKeyValue("url", url)
        .addKeyValue("milliseconds", Duration.ofNanos(System.nanoTime() - began).toMillis())
        .log("Schema registry ready");
    synchronized (lock) {
      if (keeper == null && !closed) {
        keeper = Thread.ofPlatform().daemon().name("registry-keeper").start(this::keep);
      }
    }
  }

  /** Starts the registry again each time that it ends, until this is closed. */
  private void keep() {
    var pause = REVIVAL_PAUSE_MIN;
    try {
      while (!closed) {
        var started = System.nanoTime();
        var code = process.waitFor();
        if (closed) {
          return;
        }
        if (System.nanoTime() - started > SERVED_WELL.toNanos()) {
          pause = REVIVAL_PAUSE_MIN;
        }
        LOG.atWarn()
            .addKeyValue("code", code)
            .addKeyValue("file", directory.path().resolve(LOG_FILE))
            .log("Schema registry ended, starting it again");
        Thread.sleep(pause);
        pause = pause.multipliedBy(2);
        pause = pause.compareTo(REVIVAL_PAUSE_MAX) > 0 ? REVIVAL_PAUSE_MAX : pause;
        revive();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void revive() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      try {
        process = launch(directory.path(), config, port, jvmArguments);
      } catch (StartupException e) {
        LOG.atError().setCause(e).log("Schema registry could not be started again, trying later");
      }
    }
  }

  /** Stops the registry in order, or by force when that takes more than 5 s. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      if (keeper != null) {
        keeper.interrupt();
      }
    }
    if (!stop(STOP_TIMEOUT)) {
      LOG.atWarn()
          .addKeyValue("seconds", STOP_TIMEOUT.toSeconds())
          .log("Schema registry did not stop in time");
    }
    process.destroyForcibly();
    directory.close();
  }

  /** Asks for an orderly end; false when it did not come in time. */
  boolean stop(Duration timeout) {
    try {
      var input = process.getOutputStream();
      input.write(RegistryMain.STOP);
      input.flush();
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("Schema registry had ended");
    }
    try {
      return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * The registry of a parent that was killed ends within milliseconds; until then it holds the port
   * and the database.
   */
  private static void awaitPredecessor(Path lock) {
    var deadline = System.nanoTime() + PREDECESSOR_TIMEOUT.toNanos();
    while (isHeld(lock)) {
      if (System.nanoTime() > deadline) {
        throw new StartupException(
            "The schema registry of an earlier run (process "
                + textOf(lock)
                + ") does not end: kill it and start again.");
      }
      pause();
    }
  }

  private static boolean isHeld(Path lock) {
    try (var channel =
        FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      return channel.tryLock() == null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Finds a port and lets it go again for the child, which cannot inherit a socket. */
  private static int choosePort(OwnedDirectory directory, int wanted) {
    var state = directory.read(STATE_FILE);
    try (var socket =
        LoopbackPort.bind(
            wanted, Integer.parseInt(state.getProperty("port", "0")), "the schema registry")) {
      var port = LoopbackPort.of(socket);
      state.setProperty("port", String.valueOf(port));
      directory.write(STATE_FILE, state);
      return port;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Process launch(
      Path directory, RegistryConfig config, int port, List<String> jvmArguments) {
    var log = directory.resolve(LOG_FILE);
    var arguments =
        RegistryCommand.arguments(
            directory, config.installation().toAbsolutePath(), port, jvmArguments);
    try {
      // The class path is too long for some systems' command lines.
      var file = directory.resolve(ARGUMENTS_FILE);
      Files.write(file, arguments.stream().map(RegistryProcess::quoted).toList());
      if (Files.exists(log)) {
        Files.move(log, directory.resolve(LOG_FILE + ".1"), StandardCopyOption.REPLACE_EXISTING);
      }
      var java = Path.of(System.getProperty("java.home"), "bin", "java");
      var builder =
          new ProcessBuilder(java.toString(), "@" + file)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      // One arena per thread is what makes a small heap a large process.
      builder.environment().put("MALLOC_ARENA_MAX", "2");
      builder.environment().keySet().removeIf(RegistryProcess::reconfigures);
      return builder.start();
    } catch (IOException e) {
      throw new StartupException(
          "The schema registry could not be started (" + e.getMessage() + ").", e);
    }
  }

  /**
   * Quarkus reads its settings from the environment too, and the JVM its flags: ours are meant to
   * be all.
   */
  private static boolean reconfigures(String variable) {
    return variable.startsWith("QUARKUS_")
        || variable.startsWith("APICURIO_")
        || variable.equals("JAVA_TOOL_OPTIONS")
        || variable.equals("JDK_JAVA_OPTIONS");
  }

  /** In an argument file a backslash escapes, and a space ends an argument, unless it is quoted. */
  private static String quoted(String argument) {
    return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private boolean answers() {
    try {
      var connection = (HttpURLConnection) URI.create(url + "/subjects").toURL().openConnection();
      connection.setConnectTimeout(1_000);
      connection.setReadTimeout(5_000);
      try (var body = connection.getInputStream()) {
        body.readAllBytes();
        return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
      }
    } catch (IOException e) {
      return false;
    }
  }

  private StartupException failure(String what) {
    var log = directory.path().resolve(LOG_FILE);
    var lines = textOf(log).lines().filter(line -> !line.startsWith("\t")).toList();
    var last = lines.subList(Math.max(0, lines.size() - LOG_LINES_MAX), lines.size());
    return new StartupException(
        "The schema registry " + what + ": see " + log + "\n" + String.join("\n", last));
  }

  private static String textOf(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL_INTERVAL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("The wait for the schema registry was interrupted.", e);
    }
  }
}
