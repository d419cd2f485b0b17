package io.penstock.ingress.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code multipart/form-data} (RFC 7578) part by part, strictly, in memory that does not
 * depend on the size of a part. One thread.
 *
 * <pre>
 * nextPart() → Part,  read(…) … -1,  nextPart() → Part,  …  nextPart() → null
 * </pre>
 *
 * Refused: anything before the first boundary, a body that ends before its last one, folded or
 * repeated headers, transfer encodings, more parts or longer headers than anybody needs.
 */
final class MultipartReader {

  static final int BUFFER_BYTES = 64 << 10;
  static final int PARTS_MAX = 16;
  static final int HEADERS_MAX = 16;
  static final int HEADER_BYTES_MAX = 8 << 10;

  private static final int NOT_FOUND = -1;

  /**
   * The head of a part.
   *
   * @param name of the form field
   * @param filename null when it is not a file
   */
  record Part(String name, @Nullable String filename) {}

  private enum State {
    BEFORE,
    CONTENT,
    BETWEEN,
    END
  }

  private final InputStream in;
  private final byte[] delimiter;
  private final byte[] buffer;
  private int from;
  private int to;
  private boolean ended;
  private State state = State.BEFORE;
  private int parts;

  MultipartReader(InputStream in, Boundary boundary) {
    this(in, boundary, BUFFER_BYTES);
  }

  /**
   * A reader with a buffer of another size.
   *
   * @param bufferBytes at least twice the length of the delimiter
   */
  MultipartReader(InputStream in, Boundary boundary, int bufferBytes) {
    this.in = in;
    this.delimiter = boundary.delimiter();
    this.buffer = new byte[Math.max(bufferBytes, 2 * delimiter.length)];
  }

  /**
   * Goes to the next part, past what is left of the present one.
   *
   * @return null at the end
   * @throws MultipartException when the body is malformed
   */
  @Nullable Part nextPart() throws IOException {
    switch (state) {
      case BEFORE -> first();
      case CONTENT -> {
        var ignored = new byte[8 << 10];
        while (read(ignored, 0, ignored.length) >= 0) {
          // only to get past it
        }
      }
      case BETWEEN, END -> {}
    }
    if (state == State.END || !delimiterLine()) {
      state = State.END;
      return null;
    }
    if (++parts > PARTS_MAX) {
      throw new MultipartException("it has more than " + PARTS_MAX + " parts");
    }
    state = State.CONTENT;
    return part(headers());
  }

  /**
   * Content of the present part, like {@link InputStream#read(byte[], int, int)}.
   *
   * @return -1 at the end of the part
   * @throws MultipartException when the body ends inside the part
   */
  int read(byte[] target, int offset, int length) throws IOException {
    if (state != State.CONTENT) {
      return -1;
    }
    if (length == 0) {
      return 0;
    }
    while (true) {
      var hit = indexOfDelimiter();
      if (hit == from) {
        from += delimiter.length;
        state = State.BETWEEN;
        return -1;
      }
      // without a hit, the last bytes may be the beginning of a delimiter: they wait for more
      var end = hit == NOT_FOUND ? Math.max(from, to - delimiter.length + 1) : hit;
      if (end > from) {
        var count = Math.min(length, end - from);
        System.arraycopy(buffer, from, target, offset, count);
        from += count;
        return count;
      }
      if (!fill()) {
        throw endsTooEarly();
      }
    }
  }

  /**
   * A small part as text.
   *
   * @param bytesMax refused when longer
   */
  String text(int bytesMax) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var chunk = new byte[1024];
    for (int count = read(chunk, 0, chunk.length);
        count >= 0;
        count = read(chunk, 0, chunk.length)) {
      if (bytes.size() + count > bytesMax) {
        throw new MultipartException("a form field is longer than " + bytesMax + " bytes");
      }
      bytes.write(chunk, 0, count);
    }
    return utf8(bytes.toByteArray());
  }

  /** The first delimiter has no line end before it, and nothing else either. */
  private void first() throws IOException {
    var line = delimiter.length - 2;
    while (to - from < line) {
      if (!fill()) {
        throw to == from ? new MultipartException("it is empty") : endsTooEarly();
      }
    }
    for (int i = 0; i < line; i++) {
      if (buffer[from + i] != delimiter[i + 2]) {
        throw new MultipartException(
            "it does not begin with the boundary that the Content-Type announces");
      }
    }
    from += line;
    state = State.BETWEEN;
  }

  /**
   * Reads the rest of a delimiter's line; false when it is the closing one. What follows that one
   * is nobody's.
   */
  private boolean delimiterLine() throws IOException {
    var first = next();
    if (first == '-') {
      if (next() != '-') {
        throw badDelimiter();
      }
      return false;
    }
    while (first == ' ' || first == '\t') {
      first = next();
    }
    if (first != '\r' || next() != '\n') {
      throw badDelimiter();
    }
    return true;
  }

  private Map<String, String> headers() throws IOException {
    var headers = new HashMap<String, String>();
    int left = HEADER_BYTES_MAX;
    while (true) {
      var line = line(left);
      if (line.isEmpty()) {
        return headers;
      }
      left -= line.length() + 2;
      var colon = line.indexOf(':');
      if (colon < 1 || line.charAt(0) == ' ' || line.charAt(0) == '\t') {
        throw new MultipartException("a part's header is malformed");
      }
      var name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      if (headers.put(name, line.substring(colon + 1).strip()) != null) {
        throw new MultipartException("a part's header appears twice");
      }
      if (headers.size() > HEADERS_MAX) {
        throw new MultipartException("a part has more than " + HEADERS_MAX + " headers");
      }
    }
  }

  private static Part part(Map<String, String> headers) throws MultipartException {
    var encoding = headers.getOrDefault("content-transfer-encoding", "binary");
    switch (encoding.toLowerCase(Locale.ROOT)) {
      case "binary", "8bit", "7bit" -> {}
      default -> throw new MultipartException("a part has a transfer encoding; send it as it is");
    }
    var disposition = HeaderParameters.parse(headers.getOrDefault("content-disposition", ""));
    var name = disposition.parameter("name");
    if (!disposition.value().equals("form-data") || name == null) {
      throw new MultipartException("a part has no Content-Disposition: form-data with a name");
    }
    return new Part(name, disposition.parameter("filename"));
  }

  /** A line without its end. */
  private String line(int bytesMax) throws IOException {
    var bytes = new ByteArrayOutputStream();
    while (true) {
      var c = next();
      if (c == '\r') {
        if (next() != '\n') {
          throw new MultipartException("a part's header has a bare carriage return");
        }
        return utf8(bytes.toByteArray());
      }
      if (c == '\n' || c == 0) {
        throw new MultipartException("a part's header has a control character");
      }
      if (bytes.size() >= bytesMax) {
        throw new MultipartException(
            "a part's headers are longer than " + HEADER_BYTES_MAX + " bytes");
      }
      bytes.write(c);
    }
  }

  private int next() throws IOException {
    while (from == to) {
      if (!fill()) {
        throw endsTooEarly();
      }
    }
    return buffer[from++] & 0xff;
  }

  /**
   * First delimiter in the buffer. It holds one carriage return only, its first byte, so after a
   * mismatch nothing that has matched needs to be looked at again: linear, whatever is sent.
   */
  private int indexOfDelimiter() {
    int at = from;
    while (at <= to - delimiter.length) {
      if (buffer[at] != '\r') {
        at++;
        continue;
      }
      int matched = 1;
      while (matched < delimiter.length && buffer[at + matched] == delimiter[matched]) {
        matched++;
      }
      if (matched == delimiter.length) {
        return at;
      }
      at += matched;
    }
    return NOT_FOUND;
  }

  /** Reads more; false at the end of the body. */
  private boolean fill() throws IOException {
    if (ended) {
      return false;
    }
    if (from > 0) {
      System.arraycopy(buffer, from, buffer, 0, to - from);
      to -= from;
      from = 0;
    }
    var count = in.read(buffer, to, buffer.length - to);
    if (count < 0) {
      ended = true;
      return false;
    }
    to += count;
    return true;
  }

  private static String utf8(byte[] bytes) throws MultipartException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MultipartException("a header or field is not UTF-8");
    }
  }

  private static MultipartException badDelimiter() {
    return new MultipartException("a boundary is not followed by a line end");
  }

  private static MultipartException endsTooEarly() {
    return new MultipartException("it ends before its closing boundary");
  }
}
