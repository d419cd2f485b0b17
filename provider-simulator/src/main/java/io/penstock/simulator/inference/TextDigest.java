package io.penstock.simulator.inference;

import com.fasterxml.jackson.core.JsonParser;
import io.penstock.simulator.behaviour.Hash;
import java.io.IOException;

/**
 * Hash and UTF-8 length of the texts of a request, taken from the parser without making strings.
 * The hash leaves out blanks, so that it does not matter where one text ends and the next begins:
 * dialects join and part them differently.
 */
public final class TextDigest {
  private static final long PRIME = 0x100000001B3L;

  private long hash;
  private long bytes;

  /** The hash of all text added. */
  public long hash() {
    return Hash.mix(hash);
  }

  /** The hash of all text added here and of another's. */
  public long hashWith(TextDigest other) {
    return Hash.mix(hash, other.hash);
  }

  /** Bytes of all text added or counted. */
  public long bytes() {
    return bytes;
  }

  /** A digest that goes on from here on its own. */
  public TextDigest copy() {
    var copy = new TextDigest();
    copy.hash = hash;
    copy.bytes = bytes;
    return copy;
  }

  /** Adds the string, number or other scalar that the parser stands on. */
  public void add(JsonParser parser) throws IOException {
    add(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
  }

  /** Adds a text. */
  public void add(String text) {
    add(text.toCharArray(), 0, text.length());
  }

  /** Adds a text to the bytes only. */
  public void count(JsonParser parser) throws IOException {
    count(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
  }

  /** Adds so many bytes. */
  public void count(long more) {
    bytes += more;
  }

  /** Adds a number that stands for itself. */
  public void add(long value) {
    hash = Hash.mix(hash, value);
  }

  private void add(char[] text, int offset, int count) {
    long sum = hash;
    long length = 0;
    for (int index = offset; index < offset + count; index++) {
      char c = text[index];
      if (c > ' ') {
        sum = (sum ^ c) * PRIME;
      }
      // Each half of a surrogate pair stands for two of its four bytes.
      length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    hash = sum;
    bytes += length;
  }

  private void count(char[] text, int offset, int count) {
    for (int index = offset; index < offset + count; index++) {
      char c = text[index];
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
  }
}
