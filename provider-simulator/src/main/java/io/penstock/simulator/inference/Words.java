package io.penstock.simulator.inference;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.penstock.simulator.json.JsonBytes;
import java.util.ArrayList;
import java.util.List;

/** A text that an answer says token by token. */
public sealed interface Words {
  /** No text. */
  Words NONE = new Literal(List.of());

  /** How many tokens. */
  int tokens();

  /** Says it from the beginning. */
  Speaker speaker();

  /** Says a text. One owner at a time. */
  @FunctionalInterface
  interface Speaker {
    /** Appends the next token as it stands within a JSON string. */
    void next(JsonBytes out);
  }

  /** Which letters a drawn text has. */
  enum ScriptKind {
    /** Plain ones. */
    LATIN,
    /** Those of many scripts. */
    MANY
  }

  /**
   * Common words that follow from a number.
   *
   * @param deviatesAt from this word on the text is another one
   */
  record Drawn(long hash, int tokens, ScriptKind script, int deviatesAt) implements Words {
    @Override
    public Speaker speaker() {
      return new AnswerText(this);
    }

    Drawn cutTo(int tokensMax) {
      return new Drawn(hash, Math.min(tokens, tokensMax), script, deviatesAt);
    }

    /** What is left to say after a beginning, if the text begins so; otherwise all of it. */
    Words after(String prefix) {
      var pieces = pieces();
      var text = String.join("", pieces);
      var given = text.startsWith(prefix) ? prefix : prefix.stripTrailing();
      if (!text.startsWith(given)) {
        return this;
      }
      var left = new ArrayList<String>();
      int skip = given.length();
      for (var piece : pieces) {
        if (skip < piece.length()) {
          left.add(piece.substring(skip));
        }
        skip = Math.max(0, skip - piece.length());
      }
      return new Literal(left);
    }

    private List<String> pieces() {
      var speaker = speaker();
      var pieces = new ArrayList<String>(tokens);
      var buffer = new JsonBytes(32);
      for (int token = 0; token < tokens; token++) {
        speaker.next(buffer);
        pieces.add(new String(buffer.array(), 0, buffer.length(), UTF_8));
        buffer.cutTo(0);
      }
      return pieces;
    }
  }

  /** Given pieces, one for each token. */
  record Literal(List<String> pieces) implements Words {
    private static final int PIECE_LENGTH = 7;

    /** Copies the list. */
    public Literal {
      pieces = List.copyOf(pieces);
    }

    /** A text in pieces of a few characters, no surrogate pair parted. */
    static Literal of(String text) {
      var pieces = new ArrayList<String>();
      int at = 0;
      while (at < text.length()) {
        int end = Math.min(text.length(), at + PIECE_LENGTH);
        if (end < text.length() && Character.isLowSurrogate(text.charAt(end))) {
          end++;
        }
        pieces.add(text.substring(at, end));
        at = end;
      }
      return new Literal(pieces);
    }

    Literal cutTo(int tokensMax) {
      return new Literal(pieces.subList(0, Math.min(pieces.size(), tokensMax)));
    }

    @Override
    public int tokens() {
      return pieces.size();
    }

    @Override
    public Speaker speaker() {
      var iterator = pieces.iterator();
      return out -> out.write(JsonStringEncoder.getInstance().quoteAsUTF8(iterator.next()));
    }
  }

  /** The first tokens only. */
  default Words shortenedTo(int tokensMax) {
    return switch (this) {
      case Drawn drawn -> drawn.cutTo(tokensMax);
      case Literal literal -> literal.cutTo(tokensMax);
    };
  }

  /** The whole text as it stands within a JSON string. */
  default JsonBytes escaped() {
    var out = new JsonBytes(16 + tokens() * 8);
    var speaker = speaker();
    for (int token = 0; token < tokens(); token++) {
      speaker.next(out);
    }
    return out;
  }
}
