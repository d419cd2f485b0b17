package io.penstock.standalone.broker;

import kafka.server.FaultHandlerFactory;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.server.fault.FaultHandler;
import org.apache.kafka.server.fault.FaultHandlerException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka ends the process when its node cannot go on; here that becomes one call of a listener.
 *
 * <p>Faults come from any of the node's threads; only the first fatal one is passed on.
 */
final class Faults implements FaultHandlerFactory {
  private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

  private final FatalListener listener;
  private boolean over;

  Faults(FatalListener listener) {
    this.listener = listener;
  }

  /** Takes over the calls with which Kafka would exit or halt; they are global to the process. */
  void takeOverExit() {
    Exit.setExitProcedure(
        (status, message) -> fatal("Kafka asked to exit with status " + status, message, null));
    Exit.setHaltProcedure(
        (status, message) -> fatal("Kafka asked to halt with status " + status, message, null));
  }

  /** Gives exit and halt back to Kafka, and passes nothing on any more. */
  void release() {
    silence();
    Exit.resetExitProcedure();
    Exit.resetHaltProcedure();
  }

  /** What happens from now on is a consequence of stopping. */
  synchronized void silence() {
    over = true;
  }

  @Override
  public FaultHandler build(String name, boolean fatal, Runnable action) {
    return (message, cause) -> {
      action.run();
      if (fatal) {
        fatal(name, message, cause);
      } else {
        LOG.atError()
            .setCause(cause)
            .addKeyValue("fault", name)
            .addKeyValue("reason", message)
            .log("Broker fault");
      }
      return new FaultHandlerException(message, cause);
    };
  }

  private void fatal(String name, @Nullable String message, @Nullable Throwable cause) {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
    }
    var reason = message == null ? name : name + ": " + message;
    LOG.atError().setCause(cause).addKeyValue("reason", reason).log("Broker failed");
    // The listener will close the broker, which waits for the very thread that reports here.
    Thread.ofPlatform().name("broker-failed").start(() -> listener.brokerFailed(reason));
  }
}
