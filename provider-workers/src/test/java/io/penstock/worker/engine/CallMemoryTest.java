package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class CallMemoryTest {

  private static final int MIB = 1 << 20;

  private final CallMemory memory = new CallMemory(10 * MIB);

  @Test
  void whoFindsNoRoomWaitsUntilAnotherCallHasEnded() throws Exception {
    var first = memory.enter();
    var oversized = memory.enter();
    first.take(3 * MIB, () -> false);
    oversized.take(3 * MIB, () -> false);
    var third = CompletableFuture.supplyAsync(() -> memory.enter().take(MIB, () -> false));
    assertThat(third).isNotDone();

    first.close();

    assertThat(third.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void callsThatHoldAPartDoNotWaitForEachOther() throws Exception {
    var one = memory.enter();
    var other = memory.enter();
    one.take(3 * MIB / 2, () -> false);
    other.take(3 * MIB / 2, () -> false);

    // both want more than is left: one goes on, ends, and then there is room for the other
    var oneMore = CompletableFuture.supplyAsync(() -> grown(one));
    var otherMore = CompletableFuture.supplyAsync(() -> grown(other));

    assertThat(oneMore.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(otherMore.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aCallThatEndsWhileItWaitsTakesNothing() throws Exception {
    var first = memory.enter();
    var express = memory.enter();
    first.take(3 * MIB, () -> false);
    express.take(3 * MIB, () -> false);
    var over = new AtomicBoolean();
    var waiting = CompletableFuture.supplyAsync(() -> memory.enter().take(MIB, over::get));
    assertThat(waiting).isNotDone();

    over.set(true);

    assertThat(waiting.get(10, TimeUnit.SECONDS)).isFalse();
    first.close();
    express.close();
    assertThat(memory.enter().take(3 * MIB, () -> false)).isTrue();
  }

  private static boolean grown(CallMemory.Share share) {
    try (share) {
      return share.take(3 * MIB, () -> false);
    }
  }
}
