package io.penstock.ingress.answer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.Surface;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a caller has seen of a stream, as far as its end has to fit it: OpenAI's responses number
 * their events, and their last one repeats the response that the first one announced. Not
 * thread-safe.
 */
public final class Begun {

  private static final int FIRST_BYTES_MAX = 64 << 10;
  private static final byte[] DATA = {'d', 'a', 't', 'a', ':'};
  private static final String RESPONSE = "response";

  private final boolean numbered;
  private int events;
  private @Nullable ObjectNode response;

  public Begun(Surface surface) {
    this.numbered = surface == Surface.OPENAI_RESPONSES;
  }

  /** Notes a piece that goes out: whole server-sent events. */
  public void sent(ByteBuffer piece) {
    if (!numbered) {
      return;
    }
    var bytes = new byte[piece.remaining()];
    piece.duplicate().get(bytes);
    for (int at = 0; at < bytes.length; at = afterLine(bytes, at)) {
      if (data(bytes, at)) {
        if (events == 0) {
          first(bytes, at + DATA.length);
        }
        events++;
      }
    }
  }

  /** Events that went out; only counted where they are numbered. */
  int events() {
    return events;
  }

  /** The response as it failed. */
  String failedResponse(ErrorText text) {
    var failed = response == null ? JsonNodeFactory.instance.objectNode() : response.deepCopy();
    failed.put("object", RESPONSE);
    failed.put("status", "failed");
    var error = failed.putObject("error");
    error.put("code", text.code() == null ? "server_error" : text.code());
    error.put("message", text.message());
    return failed.toString();
  }

  private void first(byte[] bytes, int from) {
    var to = Math.min(afterLine(bytes, from), from + FIRST_BYTES_MAX);
    var json = new String(Arrays.copyOfRange(bytes, from, to), StandardCharsets.UTF_8);
    if (ErrorText.object(json, RESPONSE) instanceof ObjectNode announced) {
      response = announced;
    }
  }

  private static boolean data(byte[] bytes, int at) {
    return bytes.length - at >= DATA.length
        && Arrays.equals(bytes, at, at + DATA.length, DATA, 0, DATA.length);
  }

  private static int afterLine(byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length && bytes[at] != '\n') {
      at++;
    }
    return at + 1;
  }
}
