package io.penstock.simulator.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.json.JsonBytes;
import java.io.IOException;
import java.io.OutputStream;

/** The odd ways in which a stream of events can be spelled and cut, all of them allowed. */
enum Framing {
  PLAIN,
  CRLF,
  CR,
  NO_SPACE,
  COMMENTS,
  SPLIT;

  static final byte[] COMMENT = ": keep-alive\n\n".getBytes(UTF_8);

  static Framing of(Fault fault) {
    return switch (fault) {
      case CRLF -> CRLF;
      case CR -> CR;
      case NO_SPACE -> NO_SPACE;
      case COMMENTS -> COMMENTS;
      case SPLIT_UTF8 -> SPLIT;
      default -> PLAIN;
    };
  }

  /** Writes complete events. */
  void write(JsonBytes events, OutputStream out) throws IOException {
    if (events.length() == 0) {
      return;
    }
    switch (this) {
      case PLAIN -> out.write(events.array(), 0, events.length());
      case CRLF -> out.write(changed(events, "\n", "\r\n"));
      case CR -> out.write(changed(events, "\n", "\r"));
      case NO_SPACE -> out.write(changed(events, "data: ", "data:"));
      case COMMENTS -> {
        out.write(COMMENT);
        out.write(events.array(), 0, events.length());
      }
      case SPLIT -> split(events, out);
    }
    out.flush();
  }

  private static byte[] changed(JsonBytes events, String from, String to) {
    var text = new String(events.array(), 0, events.length(), UTF_8).replace("\r\n", "\n");
    // JSON escapes its line ends, so that each one here ends a line of an event.
    return text.replace(from, to).getBytes(UTF_8);
  }

  /** A piece of its own for every byte that is no plain character. */
  private static void split(JsonBytes events, OutputStream out) throws IOException {
    int from = 0;
    for (int index = 0; index < events.length(); index++) {
      byte value = events.array()[index];
      if (value < ' ') {
        if (index > from) {
          out.write(events.array(), from, index - from);
          out.flush();
        }
        out.write(value);
        out.flush();
        from = index + 1;
      }
    }
    // A piece of no length would end the body.
    if (events.length() > from) {
      out.write(events.array(), from, events.length() - from);
    }
  }
}
