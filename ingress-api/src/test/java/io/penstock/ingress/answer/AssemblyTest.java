package io.penstock.ingress.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingress.answer.Assembly.State;
import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.schemas.avro.ReplyFinished;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AssemblyTest {

  private static final Instant T0 = Instant.parse("2026-11-21T00:00:00Z");
  private static final Instant T1 = T0.plusSeconds(1);

  private final Assembly assembly = new Assembly();
  private final StringBuilder seen = new StringBuilder();

  @Test
  void piecesInOrderGoOutAsTheyComeAndTheEndCompletesThem() {
    piece(1, T0, 0, "a");
    piece(1, T0, 1, "b");
    assembly.end(end(1, T0, 2));

    assertThat(seen).hasToString("ab");
    assertThat(assembly.state()).isInstanceOf(State.Complete.class);
  }

  @Test
  void theEndCountsOnlyAfterAllPieces() {
    piece(1, T0, 0, "a");
    assembly.end(end(1, T0, 3));
    assertThat(assembly.state()).isInstanceOf(State.Open.class);
    piece(1, T0, 2, "c");
    assertThat(seen).hasToString("a");
    piece(1, T0, 1, "b");

    assertThat(seen).hasToString("abc");
    assertThat(assembly.state()).isInstanceOf(State.Complete.class);
  }

  @Test
  void theSamePieceTwiceGoesOutOnce() {
    piece(1, T0, 0, "a");
    piece(1, T0, 0, "a");
    piece(1, T0, 2, "c");
    piece(1, T0, 2, "c");
    piece(1, T0, 1, "b");

    assertThat(seen).hasToString("abc");
    assertThat(assembly.state()).isInstanceOf(State.Open.class);
  }

  @Test
  void anotherCallGoesOnWithTheNumbersOfTheFirst() {
    piece(1, T0, 0, "a");
    piece(2, T1, 2, "c");
    piece(2, T1, 1, "b");
    assembly.end(end(2, T1, 3));

    assertThat(seen).hasToString("abc");
    assertThat(assembly.state()).isInstanceOf(State.Complete.class);
  }

  @Test
  void aCallThatWasTakenOverFromIsNotHeardAnyMore() {
    piece(1, T0, 0, "a");
    piece(2, T1, 1, "b");
    piece(1, T0, 1, "x");
    piece(1, T0, 2, "y");
    assembly.end(end(1, T0, 3));
    piece(2, T1, 2, "c");
    assembly.end(end(2, T1, 3));

    assertThat(seen).hasToString("abc");
    assertThat(assembly.state()).isInstanceOf(State.Complete.class);
  }

  @Test
  void aCallMadeTwiceNeverMixesItsAnswers() {
    piece(1, T0, 0, "a");
    piece(1, T1, 0, "A");

    assertThat(seen).hasToString("a");
    assertThat(assembly.state()).isInstanceOf(State.Broken.class);
  }

  @Test
  void aLaterCallThatBeginsAnewBreaksTheAnswer() {
    piece(1, T0, 0, "a");
    piece(2, T1, 0, "A");
    piece(2, T1, 1, "B");

    assertThat(seen).hasToString("a");
    assertThat(assembly.state()).isInstanceOf(State.Broken.class);
  }

  @Test
  void theEndOfAnotherCallCompletesNothing() {
    piece(1, T0, 0, "a");
    assembly.end(end(1, T1, 1));

    assertThat(assembly.state()).isInstanceOf(State.Broken.class);
  }

  @Test
  void morePiecesThanTheEndCountsBreakTheAnswer() {
    piece(1, T0, 0, "a");
    piece(1, T0, 1, "b");
    assembly.end(end(1, T0, 1));

    assertThat(assembly.state()).isInstanceOf(State.Broken.class);
  }

  @Test
  void anErrorEndsTheAnswerAtOnce() {
    piece(1, T0, 0, "a");
    piece(1, T0, 2, "c");
    assembly.end(ReplyFinished.newBuilder(end(2, null, 0)).setHttpStatus(502).build());
    piece(1, T0, 1, "b");

    assertThat(seen).hasToString("a");
    assertThat(assembly.state()).isInstanceOf(State.Ended.class);
  }

  @Test
  void whatMayWaitForAMissingPieceIsLimited() {
    for (int i = 1; i <= Assembly.WAITING_MAX + 1; i++) {
      piece(1, T0, i, "x");
    }

    assertThat(seen).isEmpty();
    assertThat(assembly.state()).isInstanceOf(State.Broken.class);
    assertThat(assembly.waitingBytes()).isZero();
  }

  /** Whatever is repeated or out of order: the answer is whole and exact, or it is not complete. */
  @Test
  void anyOrderWithAnyRepetitionGivesTheAnswerExactlyOnce() {
    for (int seed = 0; seed < 2_000; seed++) {
      var random = new Random(seed);
      var first = random.nextInt(5);
      var all = first + 1 + random.nextInt(20);
      var records = new ArrayList<Runnable>();
      var run = new AssemblyTest();
      for (int i = 0; i < all; i++) {
        var sequence = i;
        var attempt = i < first ? 1 : 2;
        Runnable piece =
            () -> run.piece(attempt, attempt == 1 ? T0 : T1, sequence, "<" + sequence + ">");
        for (int times = 1 + random.nextInt(3); times > 0; times--) {
          records.add(piece);
        }
      }
      records.add(() -> run.assembly.end(end(2, T1, all)));
      Collections.shuffle(records, random);

      records.forEach(Runnable::run);

      var expected = new StringBuilder();
      for (int i = 0; i < all; i++) {
        expected.append('<').append(i).append('>');
      }
      assertThat(run.seen).as("seed " + seed).hasToString(expected.toString());
      assertThat(run.assembly.state()).isInstanceOf(State.Complete.class);
    }
  }

  /** Two lives of one call write at the same time: the caller never sees both. */
  @Test
  void twoLivesOfACallAreNeverMixed() {
    for (int seed = 0; seed < 2_000; seed++) {
      var random = new Random(seed);
      var run = new AssemblyTest();
      var lives = List.of(new int[1], new int[1]);
      var length = 1 + random.nextInt(6);
      while (lives.get(0)[0] <= length || lives.get(1)[0] <= length) {
        var life = random.nextInt(2);
        var next = lives.get(life)[0]++;
        var at = life == 0 ? T0 : T1;
        if (next < length) {
          run.piece(1, at, next, life == 0 ? "a" : "b");
        } else if (next == length) {
          run.assembly.end(end(1, at, length));
        }
      }

      assertThat(run.seen.toString()).as("seed " + seed).matches("a*|b*");
      if (run.assembly.state() instanceof State.Complete) {
        assertThat(run.seen).hasSize(length);
      }
    }
  }

  private void piece(int attempt, Instant startedAt, int sequence, String text) {
    var data = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    var piece = new ReplyChunk("req_1", "instance", attempt, startedAt, sequence, null, data);
    for (var ready : assembly.piece(piece)) {
      seen.append(StandardCharsets.UTF_8.decode(ready.duplicate()));
    }
  }

  private static ReplyFinished end(int attempt, @Nullable Instant startedAt, int pieces) {
    return ReplyFinished.newBuilder()
        .setRequestId("req_1")
        .setInstance("instance")
        .setAttempt(attempt)
        .setHttpStatus(200)
        .setPieces(pieces)
        .setStartedAt(startedAt)
        .build();
  }
}
