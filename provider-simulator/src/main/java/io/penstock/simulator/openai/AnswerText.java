package io.penstock.simulator.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.penstock.simulator.behaviour.Hash;
import java.util.Arrays;

/**
 * A text of common words, one token each, that follows from a number: the same number gives the
 * same text. Plain letters, so that JSON needs no escapes. One owner at a time.
 */
final class AnswerText {
  private static final byte[][] WORDS =
      Arrays.stream(
              """
              the of and to in is that it for as with on by this be at from have are not or an was
              but which can their has more one all will when there if no out so what up about into
              than them some time only other new these two may first any like over such our most
              even made after also did many before must through back years where much your way well
              down should because each just those people how too little state good very make world
              still own see men work long get here between both life being under never day same
              another know while last might us great old year off come since against go came right
              used take three water gate pipe pressure turn flow level river stone light small large
              number part place point system question answer order line group problem fact hand
              course form house area case week company side kind head school family story month
              book eye job word business issue power hour game end member law car city community
              name team minute idea body information office door health person art history party
              result change morning reason research girl guy moment air teacher force education
              table figure value total sum half third twice equal count step begin next then find
              show give keep hold set run move open close read write grow build carry follow reach
              measure compare explain describe remain allow add spend walk offer remember consider
              appear buy wait serve expect stay fall cut raise pass sell require report decide pull\
              """
                  .split("\\s+"))
          .map(word -> word.getBytes(US_ASCII))
          .toArray(byte[][]::new);
  private static final int SENTENCE_MASK = 0xF;
  private static final int CASE_BIT = 0x20;

  private final long hash;
  private int position;
  private boolean sentenceBegins = true;

  AnswerText(long hash) {
    this.hash = hash;
  }

  /** Appends the next token: a word with the space before it, at times with a full stop. */
  void next(JsonBytes out) {
    long draw = Hash.mix(hash + position);
    var word = WORDS[(int) Long.remainderUnsigned(draw, WORDS.length)];
    if (position > 0) {
      out.write(' ');
    }
    int start = out.length();
    out.write(word, 0, word.length);
    if (sentenceBegins) {
      out.array()[start] ^= CASE_BIT;
    }
    sentenceBegins = (draw >>> 56 & SENTENCE_MASK) == 0;
    if (sentenceBegins) {
      out.write('.');
    }
    position++;
  }
}
