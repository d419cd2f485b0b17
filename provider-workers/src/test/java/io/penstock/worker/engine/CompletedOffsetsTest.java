package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.worker.engine.CompletedOffsets.Delivery;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompletedOffsetsTest {

  @Test
  void theBaseStaysBelowTheFirstUnfinishedOffset() {
    var offsets = new CompletedOffsets(10);
    offsets.deliver(10);
    offsets.deliver(11);

    offsets.finish(11);

    assertThat(offsets.base()).isEqualTo(10);
    assertThat(offsets.finishedAbove()).isEqualTo(BitSet.valueOf(new long[] {0b10}));
  }

  @Test
  void holesCountAsFinishedOnceALaterOffsetIsDelivered() {
    var offsets = new CompletedOffsets(0);
    offsets.deliver(0);
    offsets.deliver(5);

    offsets.finish(0);

    assertThat(offsets.base()).isEqualTo(5);
  }

  @Test
  void aHoleAtTheEndCountsAsFinishedOnceTheConsumerHasPassedIt() {
    var offsets = new CompletedOffsets(0);
    offsets.deliver(0);
    offsets.finish(0);

    offsets.passTo(2);

    assertThat(offsets.base()).isEqualTo(2);
  }

  @Test
  void aHoleOfBillionsCostsNoBitmap() {
    var offsets = new CompletedOffsets(0);

    assertThat(offsets.deliver(5_000_000_000L)).isEqualTo(Delivery.NEW);

    assertThat(offsets.base()).isEqualTo(5_000_000_000L);
    offsets.finish(5_000_000_000L);
    assertThat(offsets.base()).isEqualTo(5_000_000_001L);
  }

  @Test
  void finishingTwiceChangesNothing() {
    var offsets = new CompletedOffsets(0);
    offsets.deliver(0);
    offsets.deliver(1);
    offsets.finish(1);
    var changes = offsets.changes();

    offsets.finish(1);

    assertThat(offsets.changes()).isEqualTo(changes);
  }

  @Test
  void whatWasNotDeliveredCannotBeFinished() {
    var offsets = new CompletedOffsets(0);

    assertThatThrownBy(() -> offsets.finish(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("offset 0 was not delivered");
  }

  @Test
  void aSecondDeliveryTellsWhetherTheRecordRunsOrIsFinished() {
    var offsets = new CompletedOffsets(0);
    offsets.deliver(0);
    offsets.deliver(1);
    offsets.deliver(2);
    offsets.finish(0);
    offsets.finish(2);

    assertThat(offsets.deliver(0)).isEqualTo(Delivery.FINISHED);
    assertThat(offsets.deliver(1)).isEqualTo(Delivery.RUNNING);
    assertThat(offsets.deliver(2)).isEqualTo(Delivery.FINISHED);
  }

  @Test
  void whatAnEarlierOwnerFinishedIsStillCommittedBeforeItIsDeliveredAgain() {
    var finished = new BitSet();
    finished.set(2);
    var offsets = new CompletedOffsets(100, finished);

    offsets.deliver(100);

    assertThat(offsets.finishedAbove().get(2)).isTrue();
    assertThat(offsets.deliver(101)).isEqualTo(Delivery.NEW);
    assertThat(offsets.deliver(102)).isEqualTo(Delivery.FINISHED);
  }

  /**
   * Deliver, finish, restart from what was committed, in random order: the invariants of the
   * engine.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void nothingIsSkippedNothingUnfinishedIsCommittedNothingFinishedIsRepeated(int seed) {
    var random = new Random(seed);
    var log = logWithHoles(random, 6_000);
    var finished = new HashSet<Long>();
    var running = new ArrayList<Long>();
    var offsets = new CompletedOffsets(0);
    var next = 0;
    while (finished.size() < log.size()) {
      var dice = random.nextInt(1000);
      if (dice < 500 && next < log.size() && offsets.span() < 3000) {
        var offset = log.get(next++);
        var delivery = offsets.deliver(offset);
        assertThat(delivery == Delivery.FINISHED).isEqualTo(finished.contains(offset));
        if (delivery == Delivery.NEW) {
          running.add(offset);
        }
      } else if (dice < 998 && !running.isEmpty()) {
        var offset = running.remove(random.nextInt(running.size()));
        offsets.finish(offset);
        finished.add(offset);
      } else {
        assertCommittable(offsets, finished, log);
        var text =
            new OffsetMetadata(java.time.Instant.EPOCH, offsets.finishedAbove()).encode(4096);
        var metadata = OffsetMetadata.decode(text);
        assertThat(metadata).isNotNull();
        offsets = new CompletedOffsets(offsets.base(), metadata.finished());
        var base = offsets.base();
        next = (int) log.stream().filter(offset -> offset < base).count();
        running.clear();
      }
    }
    offsets.passTo(log.getLast() + 1);
    assertThat(offsets.base()).isGreaterThanOrEqualTo(next < log.size() ? 0 : log.getLast() + 1);
  }

  private static void assertCommittable(
      CompletedOffsets offsets, HashSet<Long> finished, ArrayList<Long> log) {
    var bits = offsets.finishedAbove();
    for (var offset : log) {
      var committed = offset < offsets.base() || bits.get(Math.toIntExact(offset - offsets.base()));
      if (committed != finished.contains(offset)) {
        throw new AssertionError("offset " + offset + " is committed: " + committed);
      }
    }
  }

  private static ArrayList<Long> logWithHoles(Random random, int records) {
    var log = new ArrayList<Long>();
    var offset = 0L;
    for (int i = 0; i < records; i++) {
      log.add(offset);
      offset += random.nextInt(10) == 0 ? 2 + random.nextInt(20) : 1;
    }
    return log;
  }
}
