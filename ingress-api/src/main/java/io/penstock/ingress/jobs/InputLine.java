package io.penstock.ingress.jobs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One line of an input file, taken apart without copying its body.
 *
 * @param bodyOffset first byte of the body, from the start of the line
 * @param bodyLength bytes of the body
 */
public record InputLine(String customId, String method, String url, int bodyOffset, int bodyLength)
    implements InputLineOrProblem {

  /** Longest {@code custom_id}, in UTF-16 units. */
  public static final int CUSTOM_ID_LENGTH_MAX = 512;

  // callers choose the names: interning them would fill the JVM's table
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();
  private static final String INVALID_LINE = "invalid_json_line";
  private static final int UTF8_CHECK_CHARACTERS = 4096;

  /** Whether a line holds nothing but white space: it counts as a line, not as a request. */
  public static boolean blank(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      var b = bytes[i];
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  /**
   * Takes a line apart.
   *
   * @param bytes holds the line from index 0 on
   * @param length bytes of the line, without its end
   * @param line its number, from 1
   */
  public static InputLineOrProblem parse(byte[] bytes, int length, long line) {
    if (line == 1 && startsWithByteOrderMark(bytes, length)) {
      return new LineProblem(
          INVALID_LINE,
          "The file begins with a UTF-8 byte order mark (BOM). Save it as UTF-8 without BOM.",
          null,
          line);
    }
    if (!utf8(bytes, length)) {
      return new LineProblem(INVALID_LINE, "This line is not valid UTF-8.", null, line);
    }
    try (var json = JSON.createParser(bytes, 0, length)) {
      return parse(json, line);
    } catch (IOException e) {
      return new LineProblem(INVALID_LINE, "This line is not parseable as valid JSON.", null, line);
    }
  }

  private static InputLineOrProblem parse(JsonParser json, long line) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      return new LineProblem(INVALID_LINE, "This line is not a JSON object.", null, line);
    }
    var texts = new Texts();
    int bodyOffset = -1;
    int bodyLength = 0;
    LineProblem problem = null;
    for (var key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
      var token = json.nextToken();
      if (key.equals("body") && token == JsonToken.START_OBJECT) {
        bodyOffset = (int) json.currentLocation().getByteOffset() - 1;
        json.skipChildren();
        bodyLength = (int) json.currentLocation().getByteOffset() - bodyOffset;
        continue;
      }
      var wanted = key.equals("body") ? "an object" : texts.wants(key) ? "a string" : null;
      if (wanted == null) {
        json.skipChildren();
      } else if (token == JsonToken.VALUE_STRING && !key.equals("body")) {
        texts.put(key, json.getText());
      } else {
        json.skipChildren();
        problem =
            new LineProblem("invalid_type", "'" + key + "' must be " + wanted + ".", key, line);
      }
    }
    if (json.nextToken() != null) {
      return new LineProblem(INVALID_LINE, "This line holds more than one JSON value.", null, line);
    }
    if (problem != null) {
      return problem;
    }
    return texts.line(bodyOffset, bodyLength, line);
  }

  /** The keys of a line whose values are texts. */
  private static final class Texts {

    private @Nullable String customId;
    private @Nullable String method;
    private @Nullable String url;

    boolean wants(String key) {
      return key.equals("custom_id") || key.equals("method") || key.equals("url");
    }

    void put(String key, String value) {
      switch (key) {
        case "custom_id" -> customId = value;
        case "method" -> method = value;
        default -> url = value;
      }
    }

    InputLineOrProblem line(int bodyOffset, int bodyLength, long line) {
      if (customId == null) {
        return missing("custom_id", line);
      }
      if (method == null) {
        return missing("method", line);
      }
      if (url == null) {
        return missing("url", line);
      }
      if (bodyOffset < 0) {
        return missing("body", line);
      }
      if (customId.isEmpty() || customId.length() > CUSTOM_ID_LENGTH_MAX) {
        return new LineProblem(
            "invalid_request",
            "'custom_id' must have 1 to " + CUSTOM_ID_LENGTH_MAX + " characters.",
            "custom_id",
            line);
      }
      return new InputLine(customId, method, url, bodyOffset, bodyLength);
    }

    private static LineProblem missing(String key, long line) {
      return new LineProblem(
          "missing_required_parameter", "Missing required parameter: '" + key + "'.", key, line);
    }
  }

  private static boolean startsWithByteOrderMark(byte[] bytes, int length) {
    return length >= 3
        && bytes[0] == (byte) 0xEF
        && bytes[1] == (byte) 0xBB
        && bytes[2] == (byte) 0xBF;
  }

  /** The JSON parser lets some invalid sequences pass where it skips. */
  private static boolean utf8(byte[] bytes, int length) {
    int ascii = 0;
    while (ascii < length && bytes[ascii] >= 0) {
      ascii++;
    }
    if (ascii == length) {
      return true;
    }
    var decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    var in = ByteBuffer.wrap(bytes, ascii, length - ascii);
    var out = CharBuffer.allocate(UTF8_CHECK_CHARACTERS);
    CoderResult result;
    do {
      out.clear();
      result = decoder.decode(in, out, true);
    } while (result.isOverflow());
    return !result.isError();
  }
}
