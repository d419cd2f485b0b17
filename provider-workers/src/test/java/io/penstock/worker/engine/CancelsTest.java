package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class CancelsTest {

  private final AtomicLong nanos = new AtomicLong();
  private final Cancels cancels = new Cancels(nanos::get);

  @Test
  void allCallsOfARequestAreCancelledAndNoOthers() {
    var first = cancels.begin("r");
    var second = cancels.begin("r");
    var other = cancels.begin("s");

    cancels.cancel("r");

    assertThat(first.cancellation().cancelled()).isTrue();
    assertThat(second.cancellation().cancelled()).isTrue();
    assertThat(other.cancellation().cancelled()).isFalse();
  }

  @Test
  void aCallThatComesWithinAMinuteIsCancelledToo() {
    cancels.cancel("r");
    nanos.addAndGet(Duration.ofSeconds(59).toNanos());
    cancels.forgetOld();

    assertThat(cancels.begin("r").cancellation().cancelled()).isTrue();
  }

  @Test
  void cancelsAreForgottenAfterAMinute() {
    cancels.cancel("r");
    nanos.addAndGet(Duration.ofSeconds(61).toNanos());
    cancels.forgetOld();

    assertThat(cancels.begin("r").cancellation().cancelled()).isFalse();
  }

  @Test
  void aCallThatIsOverHearsOfNothing() {
    var ticket = cancels.begin("r");
    ticket.close();

    cancels.cancel("r");

    assertThat(ticket.cancellation().cancelled()).isFalse();
  }

  @Test
  void whoeverKeepsWaitingCallsIsTold() {
    var told = new ArrayList<String>();
    cancels.addQueue(told::add);

    cancels.cancel("r");

    assertThat(told).containsExactly("r");
  }

  @RepeatedTest(20)
  void noCancelFallsBetweenWaitingAndRunning() throws Exception {
    var start = new CountDownLatch(1);
    var canceller =
        Thread.startVirtualThread(
            () -> {
              awaitQuietly(start);
              cancels.cancel("r");
            });
    start.countDown();

    var ticket = cancels.begin("r");
    canceller.join();

    assertThat(ticket.cancellation().cancelled()).isTrue();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
