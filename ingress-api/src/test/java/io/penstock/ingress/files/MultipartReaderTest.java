package io.penstock.ingress.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MultipartReaderTest {

  private static final String BOUNDARY = "----x7Ma4YWxk";
  private static final String HEAD = "--" + BOUNDARY + "\r\n";
  private static final String FIELD = "Content-Disposition: form-data; name=\"purpose\"\r\n\r\n";
  private static final String END = "\r\n--" + BOUNDARY + "--\r\n";

  record Read(String name, @Nullable String filename, byte[] content) {}

  @Test
  void partsComeWithNameFilenameAndContent() throws IOException {
    var body =
        HEAD
            + FIELD
            + "batch\r\n"
            + HEAD
            + "content-disposition: form-data; name=file; filename=\"a \\\"b\\\"; é.jsonl\"\r\n"
            + "Content-Type: application/jsonl\r\n\r\n"
            + "{}\n{}\n"
            + END
            + "an epilogue";

    var parts = parts(bytes(body));

    assertThat(parts).extracting(Read::name).containsExactly("purpose", "file");
    assertThat(parts).extracting(Read::filename).containsExactly(null, "a \"b\"; é.jsonl");
    assertThat(parts.get(0).content()).asString().isEqualTo("batch");
    assertThat(parts.get(1).content()).asString().isEqualTo("{}\n{}\n");
  }

  /**
   * Contents are made of pieces of delimiters, chunks and buffers of all sizes: nothing may be lost
   * or added.
   */
  @Test
  void anyContentComesOutAsItWentInHoweverItIsCut() throws IOException {
    for (int seed = 0; seed < 3_000; seed++) {
      var random = new Random(seed);
      var contents = new ArrayList<byte[]>();
      var body = new ByteArrayOutputStream();
      var count = 1 + random.nextInt(4);
      for (int i = 0; i < count; i++) {
        var content = content(random);
        contents.add(content);
        body.write(
            bytes(
                (i == 0 ? "" : "\r\n")
                    + HEAD
                    + "Content-Disposition: form-data; name=p"
                    + i
                    + "\r\n\r\n"));
        body.write(content);
      }
      body.write(bytes(END));

      var reader =
          new MultipartReader(
              new Dribble(body.toByteArray(), random),
              new Boundary(BOUNDARY),
              1 + random.nextInt(200));
      var parts = parts(reader, random);

      assertThat(parts).as("seed %d", seed).hasSameSizeAs(contents);
      for (int i = 0; i < count; i++) {
        assertThat(parts.get(i).content())
            .as("seed %d part %d", seed, i)
            .isEqualTo(contents.get(i));
      }
    }
  }

  @Test
  void everyTruncationIsAnErrorAndNeverAShorterFile() {
    var body = bytes(HEAD + FIELD + "batch\r\n" + HEAD + FIELD + "{\"a\":1}\r\n\r\n--" + END);
    var closed = body.length - 2; // the line end behind the last boundary is nobody's

    for (int length = 0; length < closed; length++) {
      var cut = Arrays.copyOf(body, length);
      assertThatThrownBy(() -> parts(cut))
          .as("length %d", length)
          .isInstanceOf(MultipartException.class);
    }
  }

  @Test
  void randomBytesNeverFailInAnotherWay() {
    for (int seed = 0; seed < 2_000; seed++) {
      var random = new Random(seed);
      var body = bytes(HEAD + FIELD + "batch" + END);
      for (int i = 0; i < 1 + random.nextInt(3); i++) {
        body[random.nextInt(body.length)] = (byte) random.nextInt(256);
      }
      try {
        parts(body);
      } catch (MultipartException e) {
        // malformed: the only failure there is
      } catch (IOException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  @Test
  void memoryDoesNotGrowWithTheFile() throws IOException {
    var size = 300L << 20;
    var reader =
        new MultipartReader(
            new SequenceInputStream(
                Collections.enumeration(
                    List.of(
                        new ByteArrayInputStream(bytes(HEAD + FIELD)),
                        new Endless(size),
                        new ByteArrayInputStream(bytes(END))))),
            new Boundary(BOUNDARY));
    var chunk = new byte[32 << 10];

    reader.nextPart();
    long read = 0;
    for (int count = reader.read(chunk, 0, chunk.length);
        count >= 0;
        count = reader.read(chunk, 0, chunk.length)) {
      read += count;
    }

    assertThat(read).isEqualTo(size);
    assertThat(reader.nextPart()).isNull();
  }

  @Test
  void contentThatNearlyIsADelimiterCostsNoMoreThanAnyOther() throws IOException {
    var near = ("\r\n--" + BOUNDARY.substring(0, BOUNDARY.length() - 1)).repeat(200_000);

    var parts = parts(bytes(HEAD + FIELD + near + END));

    assertThat(parts.getFirst().content()).hasSize(near.length());
  }

  @Test
  void aPartThatIsNotReadIsSkipped() throws IOException {
    var reader =
        new MultipartReader(
            new ByteArrayInputStream(
                bytes(HEAD + FIELD + "x".repeat(200_000) + "\r\n" + HEAD + FIELD + "second" + END)),
            new Boundary(BOUNDARY));

    reader.nextPart();
    reader.nextPart();

    assertThat(reader.text(100)).isEqualTo("second");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "preamble\r\n--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--B--",
        "--B\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--B--",
        "--C\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--C--",
        "--B\r\n\r\nx\r\n--B--",
        "--B\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--B--",
        "--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\nx\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n\r\nx\r\n--B--",
        "--B\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\nx\r\n--B--",
        "--B\r\nContent-Disposition : form-data; name=a\r\n\r\nx\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--B--",
        "--B\r\nno colon\r\n\r\nx\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--Bcd\r\n\r\n--B--",
        "--B-x"
      })
  void malformedBodiesAreRefused(String body) {
    assertThatThrownBy(
            () ->
                parts(
                    new MultipartReader(new ByteArrayInputStream(bytes(body)), new Boundary("B")),
                    new Random(1)))
        .isInstanceOf(MultipartException.class);
  }

  @Test
  void limitsHold() {
    var manyParts =
        (HEAD + FIELD + "x\r\n").repeat(MultipartReader.PARTS_MAX + 1) + "--" + BOUNDARY + "--";
    var longHeader =
        HEAD + "X: " + "y".repeat(MultipartReader.HEADER_BYTES_MAX) + "\r\n" + FIELD + "x" + END;
    var manyHeaders = new StringBuilder(HEAD);
    for (int i = 0; i < MultipartReader.HEADERS_MAX; i++) {
      manyHeaders.append("X-").append(i).append(": y\r\n");
    }
    manyHeaders.append(FIELD).append("x").append(END);

    assertThatThrownBy(() -> parts(bytes(manyParts))).hasMessageContaining("more than 16 parts");
    assertThatThrownBy(() -> parts(bytes(longHeader)))
        .hasMessageContaining("longer than 8192 bytes");
    assertThatThrownBy(() -> parts(bytes(manyHeaders.toString())))
        .hasMessageContaining("more than 16 headers");
  }

  @Test
  void aFieldIsTextUpToItsLimit() throws IOException {
    var reader =
        new MultipartReader(
            new ByteArrayInputStream(bytes(HEAD + FIELD + "x".repeat(11) + END)),
            new Boundary(BOUNDARY));
    reader.nextPart();

    assertThatThrownBy(() -> reader.text(10))
        .isInstanceOf(MultipartException.class)
        .hasMessageContaining("10 bytes");
  }

  @Test
  void boundariesAreTakenFromTheContentType() throws IOException {
    assertThat(Boundary.of("multipart/form-data; boundary=abc")).isEqualTo(new Boundary("abc"));
    assertThat(Boundary.of("Multipart/Form-Data; charset=utf-8; Boundary=\"a b:c\""))
        .isEqualTo(new Boundary("a b:c"));
    assertThat(Boundary.of("application/json")).isNull();
    for (var bad :
        List.of(
            "",
            "; boundary=",
            "; boundary=\"\"",
            "; boundary=\"a \"",
            "; boundary=" + "x".repeat(71),
            "; boundary=\"a{b\"")) {
      assertThatThrownBy(() -> Boundary.of("multipart/form-data" + bad))
          .isInstanceOf(MultipartException.class);
    }
  }

  private static byte[] content(Random random) {
    var pieces =
        List.of(
            "\r",
            "\n",
            "\r\n",
            "-",
            "--",
            "\r\n--",
            "\r\n--" + BOUNDARY.substring(0, 5),
            BOUNDARY,
            "\r\n-",
            "abc",
            "\0");
    var content = new StringBuilder();
    for (int i = random.nextInt(30); i > 0; i--) {
      content.append(pieces.get(random.nextInt(pieces.size())));
    }
    var text = content.toString();
    // the one thing that content may not hold, also across its own end
    while (text.contains("\r\n--" + BOUNDARY)) {
      text = text.replace("\r\n--" + BOUNDARY, "");
    }
    return bytes(text);
  }

  private static List<Read> parts(byte[] body) throws IOException {
    return parts(
        new MultipartReader(new ByteArrayInputStream(body), new Boundary(BOUNDARY)), new Random(1));
  }

  private static List<Read> parts(MultipartReader reader, Random random) throws IOException {
    var parts = new ArrayList<Read>();
    for (var part = reader.nextPart(); part != null; part = reader.nextPart()) {
      var content = new ByteArrayOutputStream();
      var chunk = new byte[1 + random.nextInt(64)];
      for (int count = reader.read(chunk, 0, chunk.length);
          count >= 0;
          count = reader.read(chunk, 0, chunk.length)) {
        content.write(chunk, 0, count);
      }
      parts.add(new Read(part.name(), part.filename(), content.toByteArray()));
    }
    return parts;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Gives a few bytes at a time. */
  private static final class Dribble extends InputStream {
    private final ByteArrayInputStream bytes;
    private final Random random;

    Dribble(byte[] bytes, Random random) {
      this.bytes = new ByteArrayInputStream(bytes);
      this.random = random;
    }

    @Override
    public int read() {
      return bytes.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      return bytes.read(target, offset, Math.min(length, 1 + random.nextInt(20)));
    }
  }

  /** As many bytes as wanted, from nowhere. */
  private static final class Endless extends InputStream {
    private long left;

    Endless(long size) {
      this.left = size;
    }

    @Override
    public int read() {
      return left-- > 0 ? '\r' : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (left == 0) {
        return -1;
      }
      var count = (int) Math.min(left, length);
      Arrays.fill(target, offset, offset + count, (byte) '\n');
      left -= count;
      return count;
    }
  }
}
