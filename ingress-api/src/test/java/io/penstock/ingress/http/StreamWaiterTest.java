package io.penstock.ingress.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingress.http.StreamWaiter.Next;
import io.penstock.schemas.avro.ReplyChunk;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class StreamWaiterTest {

  private final StreamRoom room = new StreamRoom(100);
  private final StreamWaiter one = new StreamWaiter(80, room);
  private final StreamWaiter two = new StreamWaiter(80, room);

  @Test
  void whatWaitsIsGivenBackWhenItIsTakenOrNobodyWantsItAnyMore() throws Exception {
    one.piece(piece(0, 30));
    two.piece(piece(1, 40));
    assertThat(room.taken()).isEqualTo(70);

    assertThat(one.next(Duration.ZERO)).isInstanceOf(Next.Pieces.class);
    assertThat(room.taken()).isEqualTo(40);
    assertThat(one.next(Duration.ZERO)).isInstanceOf(Next.Silence.class);
    two.close();

    assertThat(room.taken()).isZero();
    two.piece(piece(0, 10));
    assertThat(room.taken()).isZero();
  }

  @Test
  void aStreamThatFillsItsOwnLimitIsDropped() throws Exception {
    one.piece(piece(0, 60));
    one.piece(piece(2, 21));

    assertThat(one.next(Duration.ZERO))
        .isEqualTo(new Next.Dropped("the caller does not read fast enough"));
    assertThat(room.taken()).isZero();
  }

  @Test
  void aStreamForWhichNoRoomIsLeftIsDroppedAndTheOthersAreNot() throws Exception {
    one.piece(piece(0, 60));
    two.piece(piece(0, 60));

    assertThat(two.next(Duration.ZERO))
        .isEqualTo(new Next.Dropped("too much waits for all callers together"));
    assertThat(one.next(Duration.ZERO)).isInstanceOf(Next.Pieces.class);
    assertThat(room.taken()).isZero();
  }

  private static ReplyChunk piece(int sequence, int bytes) {
    return new ReplyChunk(
        "req_1", "instance", 1, Instant.EPOCH, sequence, null, ByteBuffer.allocate(bytes));
  }
}
