package io.penstock.worker.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PiecesTest {

  @Test
  void nothingIsNoPiece() {
    assertThat(Pieces.of(new byte[0])).isEmpty();
  }

  @Test
  void whatFitsIsOnePiece() {
    assertThat(Pieces.of(bytes("data: 1\n\n"))).containsExactly(bytes("data: 1\n\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void piecesEndWhereEventsEndHoweverLinesEnd(String lineEnd) {
    var random = new Random(7);
    var events = new StringBuilder();
    while (events.length() < 500_000) {
      events.append("event: delta").append(lineEnd);
      events.append("data: ").append("x".repeat(random.nextInt(9000)));
      events.append(lineEnd).append(lineEnd);
    }

    var pieces = Pieces.of(bytes(events.toString()));

    assertThat(joined(pieces)).isEqualTo(bytes(events.toString()));
    assertThat(pieces)
        .allSatisfy(
            piece -> {
              assertThat(piece.length).isLessThanOrEqualTo(Pieces.BYTES);
              assertThat(text(piece)).startsWith("event: delta").endsWith(lineEnd + lineEnd);
            });
  }

  @Test
  void anEventThatNoPieceHoldsGoesAloneInOneThatIsLarger() {
    var large = "data: " + "x".repeat(300_000) + "\n\n";
    var after = "data: 2\n\n";

    var pieces = Pieces.of(bytes(large + after));

    assertThat(pieces).containsExactly(bytes(large), bytes(after));
  }

  @Test
  void anEventThatNoRecordHoldsIsCut() {
    var huge = "data: " + "x".repeat(2_500_000) + "\n\n";

    var pieces = Pieces.of(bytes(huge));

    assertThat(joined(pieces)).isEqualTo(bytes(huge));
    assertThat(pieces).hasSize(3);
  }

  private static byte[] joined(List<byte[]> pieces) {
    var all = new ByteArrayOutputStream();
    pieces.forEach(all::writeBytes);
    return all.toByteArray();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
