package io.penstock.ingress.jobs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A line of an output or error file, as OpenAI writes it: an answer with an HTTP status, good or
 * bad, is in {@code response}; only what never became an answer is in {@code error}. Ends with a
 * line feed.
 */
public final class OutputLine {

  private static final JsonFactory JSON = new JsonFactory();
  private static final int ENVELOPE_BYTES = 256;

  private OutputLine() {}

  /** Whether a line belongs into the output file; all others belong into the error file. */
  public static boolean good(Outcome outcome) {
    return outcome == Outcome.SUCCEEDED;
  }

  /**
   * A line that ended.
   *
   * @param errorCode our code; null on success
   * @param body the answer, or the error envelope; null when there is none
   */
  public static byte[] of(
      String batch,
      long line,
      String customId,
      String requestId,
      Outcome outcome,
      int httpStatus,
      @Nullable String errorCode,
      byte @Nullable [] body) {
    return switch (outcome) {
      case CANCELLED -> withoutAnswer(batch, line, customId, Stop.Reason.CANCELLED);
      case EXPIRED -> withoutAnswer(batch, line, customId, Stop.Reason.EXPIRED);
      case SUCCEEDED, FAILED, UNKNOWN ->
          withAnswer(
              batch,
              line,
              customId,
              requestId,
              httpStatus,
              body == null ? envelope(errorCode) : body);
    };
  }

  /** A line that got no answer before its batch was stopped. */
  public static byte[] withoutAnswer(String batch, long line, String customId, Stop.Reason reason) {
    var code =
        switch (reason) {
          case CANCELLED -> ErrorCode.BATCH_CANCELLED;
          case EXPIRED -> ErrorCode.BATCH_EXPIRED;
        };
    var message =
        switch (reason) {
          case CANCELLED -> "This request was not executed because the batch was cancelled.";
          case EXPIRED ->
              "This request could not be executed before the completion window expired.";
        };
    var out = begin(batch, line, customId, ENVELOPE_BYTES);
    ascii(out, "\"response\":null,\"error\":{\"code\":\"");
    ascii(out, code.wire());
    ascii(out, "\",\"message\":\"");
    ascii(out, message);
    ascii(out, "\"}}\n");
    return out.toByteArray();
  }

  private static byte[] withAnswer(
      String batch, long line, String customId, String requestId, int httpStatus, byte[] body) {
    var out = begin(batch, line, customId, ENVELOPE_BYTES + body.length);
    ascii(out, "\"response\":{\"status_code\":");
    ascii(out, Integer.toString(httpStatus));
    ascii(out, ",\"request_id\":\"");
    text(out, requestId);
    ascii(out, "\",\"body\":");
    body(out, body);
    ascii(out, "},\"error\":null}\n");
    return out.toByteArray();
  }

  private static ByteArrayOutputStream begin(String batch, long line, String customId, int bytes) {
    var out = new ByteArrayOutputStream(bytes);
    ascii(out, "{\"id\":\"");
    ascii(out, LineIds.outputLine(batch, line));
    ascii(out, "\",\"custom_id\":\"");
    text(out, customId);
    ascii(out, "\",");
    return out;
  }

  /**
   * The body byte for byte, but on one line; as a text when it is no JSON, so that it cannot break
   * the file.
   */
  private static void body(ByteArrayOutputStream out, byte[] body) {
    if (!json(body)) {
      ascii(out, "\"");
      text(out, new String(body, StandardCharsets.UTF_8));
      ascii(out, "\"");
      return;
    }
    // in JSON a raw line break can only stand between tokens
    for (var b : body) {
      out.write(b == '\n' || b == '\r' ? ' ' : b);
    }
  }

  private static boolean json(byte[] body) {
    try (var json = JSON.createParser(body)) {
      if (json.nextToken() == null) {
        return false;
      }
      json.skipChildren();
      return json.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }

  private static byte[] envelope(@Nullable String errorCode) {
    var code = errorCode == null ? ErrorCode.UNKNOWN : ErrorCode.ofWire(errorCode);
    return ("{\"error\":{\"message\":\"The request failed: "
            + code.wire()
            + ".\",\"type\":\""
            + code.type()
            + "\",\"param\":null,\"code\":\""
            + code.wire()
            + "\"}}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void text(ByteArrayOutputStream out, String text) {
    out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(text));
  }

  private static void ascii(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }
}
