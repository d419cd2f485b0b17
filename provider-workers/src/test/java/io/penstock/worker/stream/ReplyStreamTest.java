package io.penstock.worker.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.schemas.avro.ReplyHead;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class ReplyStreamTest {

  private static final Instant STARTED = Instant.parse("2026-11-21T10:00:00Z");

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<ReplyChunk> pieces = new CopyOnWriteArrayList<>();
  private final Queue<Consumer<Boolean>> unacknowledged = new ConcurrentLinkedQueue<>();
  private volatile boolean acknowledging = true;

  @AfterEach
  void stopTimer() {
    timer.shutdownNow();
  }

  @Test
  void theFirstPieceGoesAtOnceAndCarriesTheHead() {
    var stream = stream(0, System::nanoTime);
    stream.flow();

    stream.write(bytes("a"));

    assertThat(pieces).hasSize(1);
    assertThat(pieces.getFirst().getSequence()).isZero();
    assertThat(pieces.getFirst().getHead()).isNotNull();
    assertThat(pieces.getFirst().getStartedAt()).isEqualTo(STARTED);
  }

  @Test
  void whatComesWithinTheIntervalTravelsTogether() {
    var now = new AtomicLong();
    var stream = stream(0, now::get);
    stream.flow();
    stream.write(bytes("a"));

    stream.write(bytes("b"));
    stream.write(bytes("c"));

    await().atMost(Duration.ofSeconds(2)).until(() -> pieces.size() == 2);
    assertThat(text()).isEqualTo("abc");
    assertThat(pieces.get(1).getHead()).isNull();
  }

  @Test
  void whatComesLaterThanTheIntervalGoesAtOnce() {
    var now = new AtomicLong();
    var stream = stream(0, now::get);
    stream.flow();
    stream.write(bytes("a"));
    now.addAndGet(Duration.ofMillis(15).toNanos());

    stream.write(bytes("b"));

    assertThat(pieces).hasSize(2);
  }

  @Test
  void nothingGoesBeforeItMay() {
    var stream = stream(0, System::nanoTime);

    stream.write(bytes("a"));
    stream.write(bytes("b"));

    assertThat(stream.held()).isEqualTo(2);
    assertThat(stream.sent()).isFalse();
    stream.flow();
    assertThat(pieces).hasSize(1);
    assertThat(text()).isEqualTo("ab");
  }

  @Test
  void whatIsDiscardedNeverGoes() {
    var stream = stream(0, System::nanoTime);
    stream.write(bytes("a"));

    stream.discard();
    stream.flow();

    assertThat(stream.finish()).isTrue();
    assertThat(pieces).isEmpty();
  }

  @Test
  void numbersGoOnWhereAnEarlierCallEnded() {
    var stream = stream(7, System::nanoTime);
    stream.write(bytes("a"));

    stream.finish();

    assertThat(pieces.getFirst().getSequence()).isEqualTo(7);
    assertThat(stream.pieces()).isEqualTo(8);
    assertThat(stream.sent()).isTrue();
  }

  @Test
  void theEndWaitsUntilAllPiecesAreInTheLog() throws Exception {
    acknowledging = false;
    var stream = stream(0, System::nanoTime);
    stream.write(bytes("a"));
    var ended = new CountDownLatch(1);
    var end =
        Thread.startVirtualThread(
            () -> {
              if (stream.finish()) {
                ended.countDown();
              }
            });
    await().until(() -> unacknowledged.size() == 1);
    assertThat(ended.getCount()).isEqualTo(1);

    unacknowledged.remove().accept(true);

    end.join(Duration.ofSeconds(5));
    assertThat(ended.getCount()).isZero();
  }

  @Test
  void aPieceThatIsLostBreaksTheStream() {
    acknowledging = false;
    var stream = stream(0, System::nanoTime);
    stream.flow();
    stream.write(bytes("a"));

    unacknowledged.remove().accept(false);

    assertThat(stream.broken()).isTrue();
    assertThat(stream.finish()).isFalse();
  }

  @Test
  void whoeverWritesWaitsWhileTooMuchIsUnderway() {
    acknowledging = false;
    var stream = stream(0, System::nanoTime);
    stream.flow();
    var written = new AtomicLong();
    var writer =
        Thread.startVirtualThread(
            () -> {
              for (int i = 0; i < 100; i++) {
                stream.write(new byte[Pieces.BYTES]);
                written.incrementAndGet();
              }
            });

    await().until(() -> writer.getState() == Thread.State.TIMED_WAITING);
    assertThat(written.get()).isLessThan(10);
    acknowledging = true;
    await()
        .until(
            () -> {
              for (var next = unacknowledged.poll(); next != null; next = unacknowledged.poll()) {
                next.accept(true);
              }
              return written.get() == 100;
            });
    assertThat(stream.broken()).isFalse();
  }

  @RepeatedTest(20)
  void nothingIsLostOrOutOfOrderWhateverTheTiming() {
    var stream = stream(0, System::nanoTime);
    var all = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      var event = "data: " + i + "\n\n";
      all.append(event);
      stream.write(bytes(event));
      if (i == 20) {
        stream.flow();
      }
      if (i % 60 == 59) {
        java.util.concurrent.locks.LockSupport.parkNanos(4_000_000L);
      }
    }

    assertThat(stream.finish()).isTrue();

    assertThat(text()).isEqualTo(all.toString());
    for (int i = 0; i < pieces.size(); i++) {
      assertThat(pieces.get(i).getSequence()).isEqualTo(i);
    }
    assertThat(stream.pieces()).isEqualTo(pieces.size());
  }

  private ReplyStream stream(int sequence, java.util.function.LongSupplier nanos) {
    var head = ReplyHead.newBuilder().setPool("alpha").setUpstreamModel("m").build();
    return new ReplyStream(
        new ReplyStream.Start("r", "ingress-1", 1, STARTED, sequence, head),
        (piece, written) -> {
          pieces.add(piece);
          if (acknowledging) {
            written.accept(true);
          } else {
            unacknowledged.add(written);
          }
        },
        timer,
        nanos);
  }

  private String text() {
    return pieces.stream()
        .map(piece -> StandardCharsets.UTF_8.decode(piece.getData().duplicate()).toString())
        .collect(Collectors.joining());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
