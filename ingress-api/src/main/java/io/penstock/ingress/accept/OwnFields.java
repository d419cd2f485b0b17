package io.penstock.ingress.accept;

import java.io.ByteArrayOutputStream;
import java.util.List;

/** The fields of a body that are meant for the gateway alone: providers must not see them. */
public final class OwnFields {

  /**
   * Where a field stands in the body.
   *
   * @param from first byte of its name, at the quotation mark
   * @param to first byte after its value
   */
  public record Span(int from, int to) {}

  private OwnFields() {}

  /**
   * The body without them; the same array when there are none, so that an ordinary body goes on
   * byte for byte.
   *
   * @param spans fields of the outermost object, in order
   */
  static byte[] without(List<Span> spans, byte[] body) {
    if (spans.isEmpty()) {
      return body;
    }
    var kept = new ByteArrayOutputStream(body.length);
    int from = 0;
    for (var span : spans) {
      kept.write(body, from, span.from() - from);
      var next = afterBlanks(body, span.to());
      if (body[next] == ',') {
        from = next + 1;
      } else {
        // the last field: the comma before it has to go instead
        var rest = body.length - next;
        return joined(kept.toByteArray(), body, next, rest);
      }
    }
    kept.write(body, from, body.length - from);
    return kept.toByteArray();
  }

  private static byte[] joined(byte[] head, byte[] body, int next, int rest) {
    int end = head.length;
    while (blank(head[end - 1])) {
      end--;
    }
    if (head[end - 1] == ',') {
      end--;
    }
    var joined = new byte[end + rest];
    System.arraycopy(head, 0, joined, 0, end);
    System.arraycopy(body, next, joined, end, rest);
    return joined;
  }

  private static int afterBlanks(byte[] body, int at) {
    int next = at;
    while (blank(body[next])) {
      next++;
    }
    return next;
  }

  private static boolean blank(byte b) {
    return b == ' ' || b == '\t' || b == '\r' || b == '\n';
  }
}
