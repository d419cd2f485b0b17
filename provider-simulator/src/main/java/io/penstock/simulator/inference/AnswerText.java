package io.penstock.simulator.inference;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.simulator.behaviour.Hash;
import io.penstock.simulator.json.JsonBytes;
import java.util.Arrays;

/**
 * A text of common words, one token each, that follows from a number: the same number gives the
 * same text. No quotes and no controls, so that JSON needs no escapes. One owner at a time.
 */
final class AnswerText implements Words.Speaker {
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

  private static final byte[][] FOREIGN =
      Arrays.stream("écluse Wasserkraft→ 水門 заслонка 🌊 قناة naïve 导管".split(" ", -1))
          .map(word -> word.getBytes(UTF_8))
          .toArray(byte[][]::new);
  private static final int FOREIGN_MASK = 0x3;

  private final Words.Drawn drawn;
  private int position;
  private boolean sentenceBegins = true;

  AnswerText(Words.Drawn drawn) {
    this.drawn = drawn;
  }

  /** Appends the next token: a word with the space before it, at times with a full stop. */
  @Override
  public void next(JsonBytes out) {
    long hash = position < drawn.deviatesAt() ? drawn.hash() : Hash.mix(drawn.hash());
    long draw = Hash.mix(hash + position);
    if (position > 0) {
      out.write(' ');
    }
    if (drawn.script() == Words.ScriptKind.MANY && (draw >>> 40 & FOREIGN_MASK) == 0) {
      out.write(FOREIGN[(int) Long.remainderUnsigned(draw, FOREIGN.length)]);
      sentenceBegins = false;
      position++;
      return;
    }
    var word = WORDS[(int) Long.remainderUnsigned(draw, WORDS.length)];
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
