package io.penstock.standalone.cli;

import java.lang.reflect.Proxy;
import java.util.List;

/**
 * Ends the process at once when a stop is asked for again while it stops in order. The JVM alone
 * would wait on for the first.
 */
final class SecondSignal {

  /** Of a process that was ended by Ctrl-C. */
  private static final int EXIT_INTERRUPTED = 130;

  private static final List<String> NAMES = List.of("INT", "TERM");

  private SecondSignal() {}

  /** From now on a signal to stop ends the process at once. */
  static void ends() {
    for (var name : NAMES) {
      try {
        handle(name, () -> Runtime.getRuntime().halt(EXIT_INTERRUPTED));
      } catch (ReflectiveOperationException | IllegalArgumentException e) {
        // a JVM without it, or one that leaves the signal to others: then the first stop goes on
        return;
      }
    }
  }

  /** Signals have no other interface than one that the compiler warns of. */
  private static void handle(String name, Runnable action) throws ReflectiveOperationException {
    var signal = Class.forName("sun.misc.Signal");
    var handler = Class.forName("sun.misc.SignalHandler");
    var acting =
        Proxy.newProxyInstance(
            SecondSignal.class.getClassLoader(),
            new Class<?>[] {handler},
            (_, method, _) -> {
              if (method.getName().equals("handle")) {
                action.run();
              }
              return null;
            });
    signal
        .getMethod("handle", signal, handler)
        .invoke(null, signal.getConstructor(String.class).newInstance(name), acting);
  }
}
