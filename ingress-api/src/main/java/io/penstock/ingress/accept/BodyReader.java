package io.penstock.ingress.accept;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.Surface;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request body once, as a stream of tokens, and tells what policy needs of it. Pure and
 * thread-safe.
 *
 * <p>JSON is taken strictly: UTF-8 without a byte order mark, one object and nothing after it, no
 * key twice, at most {@value #DEPTH_MAX} levels deep. What the provider can judge better (roles,
 * ranges of temperature, …) is left to it.
 */
public final class BodyReader {

  /** Levels of nesting. */
  public static final int DEPTH_MAX = 64;

  private static final int NUMBER_LENGTH_MAX = 100;
  private static final int STRING_LENGTH_MAX = 8 << 20;
  private static final int NAME_LENGTH_MAX = 1024;
  private static final long TOKENS_MAX = 1_000_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // callers choose the names: interning them would fill the JVM's table
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxNumberLength(NUMBER_LENGTH_MAX)
                  .maxStringLength(STRING_LENGTH_MAX)
                  .maxNameLength(NAME_LENGTH_MAX)
                  .maxTokenCount(TOKENS_MAX)
                  .build())
          .build();

  private BodyReader() {}

  /** Reads a whole array. */
  public static Parsed parse(Surface surface, byte[] json) {
    return parse(surface, json, 0, json.length);
  }

  /**
   * Reads a part of an array, such as the body inside a line of a batch.
   *
   * @param offset first byte of the JSON object
   * @param length bytes of it
   * @throws IllegalArgumentException for a surface that has no reader
   */
  public static Parsed parse(Surface surface, byte[] json, int offset, int length) {
    var encoding = refuseEncoding(json, offset, length);
    if (encoding != null) {
      return encoding;
    }
    try (var parser = JSON.createParser(json, offset, length)) {
      return new BodyScan(surface, parser, length).read();
    } catch (StreamConstraintsException e) {
      return invalid(constraint(e), e);
    } catch (JsonEOFException e) {
      return invalid("it ends too early", e);
    } catch (JsonParseException e) {
      var duplicate = e.getOriginalMessage().startsWith("Duplicate field");
      return invalid(duplicate ? "a key appears twice in one object" : "syntax error", e);
    } catch (JsonProcessingException e) {
      return invalid("syntax error", e);
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
  }

  private static @Nullable Rejected refuseEncoding(byte[] json, int offset, int length) {
    if (length == 0) {
      return invalid("The body is empty; a JSON object is needed.");
    }
    if (length >= 3
        && json[offset] == (byte) 0xef
        && json[offset + 1] == (byte) 0xbb
        && json[offset + 2] == (byte) 0xbf) {
      return invalid(
          "The body begins with a byte order mark (BOM, EF BB BF): send UTF-8 without one.");
    }
    // the parser would guess UTF-16 or UTF-32 from the zero bytes
    if (json[offset] == 0 || (length > 1 && json[offset + 1] == 0)) {
      return invalid("The body is not UTF-8: it looks like UTF-16 or UTF-32.");
    }
    var at = Utf8.firstInvalid(json, offset, offset + length);
    return at < 0
        ? null
        : invalid("The body is not UTF-8: invalid byte at offset " + (at - offset) + ".");
  }

  private static String constraint(StreamConstraintsException e) {
    var message = e.getOriginalMessage();
    if (message.contains("depth")) {
      return "it is nested deeper than " + DEPTH_MAX + " levels";
    }
    if (message.contains("Number")) {
      return "a number has more than " + NUMBER_LENGTH_MAX + " characters";
    }
    if (message.contains("String")) {
      return "a string has more than " + STRING_LENGTH_MAX + " characters";
    }
    return message.contains("Name")
        ? "a key has more than " + NAME_LENGTH_MAX + " characters"
        : "it has more than " + TOKENS_MAX + " tokens";
  }

  /** Says where, but never what: the parser's own messages repeat the text. */
  private static Rejected invalid(String why, JsonProcessingException e) {
    var location = e.getLocation();
    var where =
        location == null
            ? ""
            : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    return invalid("The body is not valid JSON: " + why + where + ".");
  }

  private static Rejected invalid(String message) {
    return new Rejected(ErrorCode.INVALID_JSON, null, message);
  }
}
