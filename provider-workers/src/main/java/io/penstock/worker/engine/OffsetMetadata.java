package io.penstock.worker.engine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Base64;
import java.util.BitSet;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * What is kept beside a committed offset: when, and which offsets above it are finished. As text: a
 * version character, then base64 of the time and of the bitmap in the shortest of four forms.
 *
 * @param committedAt wall-clock time of the commit, to the millisecond
 * @param finished bit i says that the committed offset + i is finished
 */
public record OffsetMetadata(Instant committedAt, BitSet finished) {

  private static final char VERSION = '1';
  private static final int RUNS = 1;
  private static final int BITS = 2;
  private static final int DEFLATED = 4;
  private static final int DEFLATE_MIN_BYTES = 48;
  // a bitmap of 4 million offsets: far above any window, far below harm
  private static final int BYTES_MAX = 512 << 10;

  /**
   * The text, cut to the first finished offsets when not all of them fit: what is cut may be called
   * again after a restart, and nothing is ever lost.
   *
   * @param charactersMax longest text allowed
   */
  public String encode(int charactersMax) {
    var kept = finished;
    while (true) {
      var text = encoded(kept);
      if (text.length() <= charactersMax || kept.isEmpty()) {
        return text;
      }
      kept = kept.get(0, kept.length() / 2);
    }
  }

  private String encoded(BitSet kept) {
    var bytes = new ByteArrayOutputStream();
    writeNumber(bytes, committedAt.toEpochMilli());
    if (!kept.isEmpty()) {
      writeShortest(bytes, kept);
    }
    return VERSION + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  private static void writeShortest(ByteArrayOutputStream to, BitSet bits) {
    var form = RUNS;
    var shortest = runs(bits);
    var plain = bits.toByteArray();
    if (plain.length < shortest.length) {
      form = BITS;
      shortest = plain;
    }
    if (shortest.length >= DEFLATE_MIN_BYTES) {
      var deflated = deflate(shortest);
      if (deflated.length < shortest.length) {
        form |= DEFLATED;
        shortest = deflated;
      }
    }
    to.write(form);
    to.writeBytes(shortest);
  }

  /** Reads a text; null when it is empty or of another making. */
  public static @Nullable OffsetMetadata decode(@Nullable String text) {
    if (text == null || text.isEmpty() || text.charAt(0) != VERSION) {
      return null;
    }
    try {
      var bytes = new ByteArrayInputStream(Base64.getUrlDecoder().decode(text.substring(1)));
      var at = Instant.ofEpochMilli(readNumber(bytes));
      var form = bytes.read();
      if (form < 0) {
        return new OffsetMetadata(at, new BitSet());
      }
      var rest = bytes.readAllBytes();
      var plain = (form & DEFLATED) == 0 ? rest : inflate(rest);
      return switch (form & ~DEFLATED) {
        case RUNS -> new OffsetMetadata(at, bitsOfRuns(plain));
        case BITS -> new OffsetMetadata(at, BitSet.valueOf(plain));
        default -> null;
      };
    } catch (IllegalArgumentException | DataFormatException e) {
      return null;
    }
  }

  private static byte[] runs(BitSet bits) {
    var bytes = new ByteArrayOutputStream();
    var from = 0;
    while (from < bits.length()) {
      var set = bits.nextSetBit(from);
      var clear = bits.nextClearBit(set);
      writeNumber(bytes, set - from);
      writeNumber(bytes, clear - set);
      from = clear;
    }
    return bytes.toByteArray();
  }

  private static BitSet bitsOfRuns(byte[] runs) {
    var bytes = new ByteArrayInputStream(runs);
    var bits = new BitSet();
    var from = 0L;
    while (bytes.available() > 0) {
      var set = from + readNumber(bytes);
      var clear = set + readNumber(bytes);
      if (set < from || clear < set || clear > BYTES_MAX * 8L) {
        throw new IllegalArgumentException("runs out of range");
      }
      bits.set((int) set, (int) clear);
      from = clear;
    }
    return bits;
  }

  private static void writeNumber(ByteArrayOutputStream to, long number) {
    var rest = number;
    while (rest >= 0x80) {
      to.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    to.write((int) rest);
  }

  private static long readNumber(ByteArrayInputStream from) {
    var number = 0L;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      var next = from.read();
      if (next < 0) {
        throw new IllegalArgumentException("ends within a number");
      }
      number |= (next & 0x7fL) << shift;
      if (next < 0x80) {
        return number;
      }
    }
    throw new IllegalArgumentException("number too long");
  }

  private static byte[] deflate(byte[] bytes) {
    try (var deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
      deflater.setInput(bytes);
      deflater.finish();
      // what does not shrink is not kept
      var buffer = new byte[bytes.length];
      var length = deflater.deflate(buffer);
      return deflater.finished() ? java.util.Arrays.copyOf(buffer, length) : bytes;
    }
  }

  private static byte[] inflate(byte[] bytes) throws DataFormatException {
    try (var inflater = new Inflater(true)) {
      inflater.setInput(bytes);
      var plain = new ByteArrayOutputStream();
      var buffer = new byte[4096];
      while (!inflater.finished()) {
        var length = inflater.inflate(buffer);
        if (length == 0 && (inflater.needsInput() || inflater.needsDictionary())
            || plain.size() > BYTES_MAX) {
          throw new DataFormatException("not a bitmap");
        }
        plain.write(buffer, 0, length);
      }
      return plain.toByteArray();
    }
  }
}
