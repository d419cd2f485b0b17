package io.penstock.simulator.openai;

import com.fasterxml.jackson.core.JsonParser;
import io.penstock.simulator.behaviour.Hash;
import java.io.IOException;

/**
 * Hash and UTF-8 length of the texts of a request, taken from the parser without making strings.
 */
final class TextDigest {
  private long hash;
  private long bytes;

  long hash() {
    return hash;
  }

  long bytes() {
    return bytes;
  }

  /** Adds the string, number or other scalar that the parser stands on. */
  void add(JsonParser parser) throws IOException {
    var text = parser.getTextCharacters();
    int end = parser.getTextOffset() + parser.getTextLength();
    long sum = parser.getTextLength();
    long length = 0;
    for (int index = parser.getTextOffset(); index < end; index++) {
      char c = text[index];
      sum = sum * 0x100000001B3L ^ c;
      // Each half of a surrogate pair stands for two of its four bytes.
      length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    hash = Hash.mix(hash, sum);
    bytes += length;
  }

  /** Adds a number that stands for itself. */
  void add(long value) {
    hash = Hash.mix(hash, value);
  }
}
