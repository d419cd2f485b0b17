package io.penstock.worker.dialect.openai;

import io.penstock.platform.id.Sha256;
import java.nio.charset.StandardCharsets;

/** Ids of tool calls for Mistral, which takes nine letters and digits and nothing else. */
final class ShortIds {

  private static final int LENGTH = 9;
  private static final String ALPHABET =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  private ShortIds() {}

  /** The same short id for the same id, so that a call and its result stay together. */
  static String of(String id) {
    if (id.length() == LENGTH && id.chars().allMatch(letter -> ALPHABET.indexOf(letter) >= 0)) {
      return id;
    }
    var hash = Sha256.of(id.getBytes(StandardCharsets.UTF_8));
    var text = new StringBuilder();
    for (var at = 0; at < LENGTH; at++) {
      text.append(ALPHABET.charAt(Math.floorMod((int) hash[at], ALPHABET.length())));
    }
    return text.toString();
  }
}
