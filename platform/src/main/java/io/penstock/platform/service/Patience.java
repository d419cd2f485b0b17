package io.penstock.platform.service;

import java.io.UncheckedIOException;
import java.time.Duration;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for what a service needs and that may come up after it. */
final class Patience {

  private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(500);

  private Patience() {}

  /**
   * Does a step as often as it fails because somebody does not answer yet.
   *
   * @throws UncheckedIOException its last failure, when the time is over
   * @throws IllegalStateException likewise, or at once when trying again is no use
   */
  static void until(Duration most, Runnable step) throws InterruptedException {
    var end = System.nanoTime() + most.toNanos();
    var told = false;
    while (true) {
      try {
        step.run();
        return;
      } catch (UncheckedIOException | IllegalStateException e) {
        if (!passes(e) || System.nanoTime() - end >= 0) {
          throw e;
        }
        if (!told) {
          LOG.atInfo().addKeyValue("reason", e.getMessage()).log("waiting for what is not up yet");
          told = true;
        }
      }
      Thread.sleep(BETWEEN_TRIES);
    }
  }

  private static boolean passes(RuntimeException failure) {
    return failure instanceof UncheckedIOException
        || failure.getCause() instanceof RetriableException;
  }
}
