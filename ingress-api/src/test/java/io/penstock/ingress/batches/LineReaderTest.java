package io.penstock.ingress.batches;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineReaderTest {

  private record Seen(long number, String text, long nextOffset) {}

  @Test
  void linesEndWithALineFeedOrTheFileAndOffsetsAreBytes() throws IOException {
    var seen = read("\u00e9\u20ac\r\n\n\r\nab\nlast", 1 << 20);

    assertThat(seen)
        .containsExactly(
            new Seen(1, "\u00e9\u20ac", 7),
            new Seen(2, "", 8),
            new Seen(3, "", 10),
            new Seen(4, "ab", 13),
            new Seen(5, "last", 17));
  }

  @Test
  void anEmptyFileHasNoLines() throws IOException {
    assertThat(read("", 10)).isEmpty();
  }

  @Test
  void aLineOverTheLimitIsSkippedWholeAndTheNextIsRead() throws IOException {
    var text = "x".repeat(200_000) + "\nshort\n";
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    try (var reader = new LineReader(new ByteArrayInputStream(bytes), 0, 1, 1_000)) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.tooLong()).isTrue();

      assertThat(reader.next()).isTrue();

      assertThat(reader.tooLong()).isFalse();
      assertThat(new String(reader.bytes(), 0, reader.length(), StandardCharsets.UTF_8))
          .isEqualTo("short");
      assertThat(reader.number()).isEqualTo(2);
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void readingOnFromAnyLineGivesTheSameRest() throws IOException {
    var text = randomText(7);
    var all = read(text, 1 << 20);
    var bytes = text.getBytes(StandardCharsets.UTF_8);

    for (int i = 0; i < all.size(); i++) {
      var from = (int) all.get(i).nextOffset();
      var rest = new ByteArrayInputStream(bytes, from, bytes.length - from);
      var seen = readAll(new LineReader(new Dribble(rest), from, i + 2L, 1 << 20));

      assertThat(seen).isEqualTo(all.subList(i + 1, all.size()));
    }
  }

  private static String randomText(long seed) {
    var random = new Random(seed);
    var text = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      switch (random.nextInt(4)) {
        case 0 -> text.append("\n");
        case 1 -> text.append("\u20ac".repeat(random.nextInt(50))).append("\r\n");
        case 2 -> text.append("a".repeat(random.nextInt(100_000) % 3_000)).append("\n");
        default -> text.append(" \n");
      }
    }
    return text.append("end").toString();
  }

  private static List<Seen> read(String text, int lineBytesMax) throws IOException {
    var in = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    return readAll(new LineReader(in, 0, 1, lineBytesMax));
  }

  private static List<Seen> readAll(LineReader lines) throws IOException {
    var seen = new ArrayList<Seen>();
    try (lines) {
      while (lines.next()) {
        var text = Arrays.copyOf(lines.bytes(), lines.length());
        seen.add(
            new Seen(lines.number(), new String(text, StandardCharsets.UTF_8), lines.nextOffset()));
      }
    }
    return seen;
  }

  /** Gives few bytes at a time, as networks do. */
  private static final class Dribble extends InputStream {

    private final InputStream in;

    Dribble(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return in.read(bytes, offset, Math.min(length, 7));
    }
  }
}
