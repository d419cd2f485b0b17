package io.penstock.standalone.registry;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The main class of the child process: runs the registry for as long as the parent holds the other
 * end of standard input.
 *
 * <p>It shares its class path with the registry, so it may use nothing but the JDK.
 */
public final class RegistryMain {
  /**
   * What the parent writes to standard input to ask for an orderly end; the bare end of input means
   * that it died.
   */
  static final int STOP = 'q';

  /** The system property with the file that one registry process at a time may hold. */
  static final String LOCK_PROPERTY = "penstock.registry.lock";

  private static final String REGISTRY = "io.quarkus.runner.GeneratedMain";

  private RegistryMain() {}

  /** Runs the registry, whose settings are system properties. */
  public static void main(String[] arguments) throws Exception {
    leaveSignalsToTheParent();
    Thread.ofPlatform().daemon().name("parent-watch").start(RegistryMain::watchParent);
    try (var _ = holdLock(Path.of(System.getProperty(LOCK_PROPERTY)))) {
      Class.forName(REGISTRY).getMethod("main", String[].class).invoke(null, (Object) arguments);
    } catch (InvocationTargetException e) {
      e.printStackTrace();
      System.exit(1);
    }
  }

  private static void watchParent() {
    try {
      if (System.in.read() == STOP) {
        System.exit(0);
      }
    } catch (IOException e) {
      // A broken pipe says the same as its end.
    }
    Runtime.getRuntime().halt(0);
  }

  /** Waits until the registry of a parent that was killed has ended, which it does by itself. */
  private static FileChannel holdLock(Path file) throws IOException {
    var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    channel.lock();
    channel.truncate(0);
    channel.write(
        ByteBuffer.wrap(
            String.valueOf(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
    return channel;
  }

  /**
   * A terminal sends Ctrl-C to the whole process group, a service manager SIGTERM to all processes
   * of the service; but the parent still needs the registry while it stops, and then ends it. By
   * reflection, because the compiler warns of this class and cannot be told not to.
   */
  private static void leaveSignalsToTheParent() throws ReflectiveOperationException {
    var signal = Class.forName("sun.misc.Signal");
    var handler = Class.forName("sun.misc.SignalHandler");
    var ignore = handler.getField("SIG_IGN").get(null);
    var handle = signal.getMethod("handle", signal, handler);
    for (var name : new String[] {"INT", "TERM"}) {
      handle.invoke(null, signal.getConstructor(String.class).newInstance(name), ignore);
    }
  }
}
