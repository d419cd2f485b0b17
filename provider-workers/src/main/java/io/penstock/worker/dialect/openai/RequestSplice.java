package io.penstock.worker.dialect.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.penstock.worker.dialect.Json;
import io.penstock.worker.dialect.UnsupportedCallException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes three things in a caller's body and leaves every other byte as it is: the model name at
 * the top level, an output limit where the caller gave none, and, where that is wanted, that a
 * stream tells its usage.
 */
public final class RequestSplice {

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  /** Bytes from (included) to (excluded) that are replaced. */
  private record Cut(int from, int to, byte[] by) {}

  private final byte[] body;
  private boolean usageWanted;
  private final List<Cut> cuts = new ArrayList<>();

  private RequestSplice(byte[] body, boolean usageWanted) {
    this.body = body;
    this.usageWanted = usageWanted;
  }

  /**
   * The body with another model, and with an output limit unless it has one.
   *
   * @param limitField name of the field for the output limit
   * @param limit most output tokens; null to leave the body's own
   * @throws UnsupportedCallException when the body is not one JSON object
   */
  public static byte[] splice(byte[] body, String model, String limitField, @Nullable Long limit) {
    return new RequestSplice(body, false).spliced(quoted(model), limitField, limit);
  }

  /**
   * Like {@link #splice}, and the stream tells its usage, as chat completions have it.
   *
   * @throws UnsupportedCallException when the body is not one JSON object
   */
  static byte[] spliceStream(byte[] body, String model, String limitField, @Nullable Long limit) {
    return new RequestSplice(body, true).spliced(quoted(model), limitField, limit);
  }

  private byte[] spliced(byte[] model, String limitField, @Nullable Long limit) {
    var start = startsWithMark() ? BYTE_ORDER_MARK.length : 0;
    var modelFound = false;
    var limitFound = false;
    int afterBrace;
    boolean empty;
    try (var parser = Json.FACTORY.createParser(body, start, body.length - start)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new UnsupportedCallException("the body is not a JSON object");
      }
      afterBrace = start + (int) parser.currentLocation().getByteOffset();
      empty = true;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        empty = false;
        var name = parser.currentName();
        parser.nextToken();
        if (name.equals("model")) {
          modelFound = true;
          cutValue(parser, start, model);
        } else if (limit != null && isLimit(name)) {
          limitFound = true;
          if (parser.currentToken() == JsonToken.VALUE_NULL) {
            cutValue(parser, start, ascii(Long.toString(limit)));
          }
        } else if (usageWanted && name.equals("stream_options")) {
          usageWanted = false;
          cutStreamOptions(parser, start);
        }
        parser.skipChildren();
      }
      if (parser.nextToken() != null) {
        throw new UnsupportedCallException("more than one JSON value in the body");
      }
    } catch (IOException e) {
      throw new UnsupportedCallException("the body is not JSON", e);
    }
    var added = new ArrayList<byte[]>();
    if (!modelFound) {
      added.add(field("model", model));
    }
    if (limit != null && !limitFound) {
      added.add(field(limitField, ascii(Long.toString(limit))));
    }
    if (usageWanted) {
      added.add(field("stream_options", ascii("{\"include_usage\":true}")));
    }
    var fields = new ByteArrayOutputStream();
    for (var field : added) {
      if (fields.size() > 0) {
        fields.write(',');
      }
      fields.writeBytes(field);
    }
    if (!empty && fields.size() > 0) {
      fields.write(',');
    }
    cuts.addFirst(new Cut(afterBrace, afterBrace, fields.toByteArray()));
    return assemble();
  }

  private void cutStreamOptions(JsonParser parser, int start) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      cutValue(parser, start, ascii("{\"include_usage\":true}"));
      return;
    }
    var afterBrace = start + (int) parser.currentLocation().getByteOffset();
    var at = cuts.size();
    var empty = true;
    var found = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      empty = false;
      var usage = parser.currentName().equals("include_usage");
      if (parser.nextToken() != JsonToken.VALUE_TRUE && usage) {
        cutValue(parser, start, ascii("true"));
      }
      found |= usage;
      parser.skipChildren();
    }
    if (!found) {
      cuts.add(
          at,
          new Cut(afterBrace, afterBrace, ascii("\"include_usage\":true" + (empty ? "" : ","))));
    }
  }

  private static byte[] field(String name, byte[] value) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(ascii("\"" + name + "\":"));
    out.writeBytes(value);
    return out.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static boolean isLimit(String name) {
    return name.equals("max_tokens")
        || name.equals("max_completion_tokens")
        || name.equals("max_output_tokens");
  }

  private void cutValue(JsonParser parser, int start, byte[] by) throws IOException {
    var from = start + (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    parser.finishToken();
    var to = start + (int) parser.currentLocation().getByteOffset();
    cuts.add(new Cut(from, trimmedEnd(from, to, parser), by));
  }

  /** A number's end is only known to the parser once it has read the character after it. */
  private int trimmedEnd(int from, int to, JsonParser parser) {
    if (!parser.currentToken().isNumeric()) {
      return to;
    }
    var end = to;
    while (end > from + 1 && !isNumberByte(body[end - 1])) {
      end--;
    }
    return end;
  }

  private static boolean isNumberByte(byte b) {
    return b >= '0' && b <= '9' || b == '.' || b == 'e' || b == 'E' || b == '+' || b == '-';
  }

  private byte[] assemble() {
    var out = new ByteArrayOutputStream(body.length + 64);
    var at = 0;
    for (var cut : cuts) {
      out.write(body, at, cut.from() - at);
      out.writeBytes(cut.by());
      at = cut.to();
    }
    out.write(body, at, body.length - at);
    return out.toByteArray();
  }

  private boolean startsWithMark() {
    return body.length >= BYTE_ORDER_MARK.length
        && body[0] == BYTE_ORDER_MARK[0]
        && body[1] == BYTE_ORDER_MARK[1]
        && body[2] == BYTE_ORDER_MARK[2];
  }

  private static byte[] quoted(String text) {
    var inner = JsonStringEncoder.getInstance().quoteAsUTF8(text);
    var quoted = new byte[inner.length + 2];
    quoted[0] = '"';
    System.arraycopy(inner, 0, quoted, 1, inner.length);
    quoted[quoted.length - 1] = '"';
    return quoted;
  }
}
