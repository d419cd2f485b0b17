package io.penstock.ingress.answer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Writes small JSON bodies. */
public final class Json {

  private static final JsonFactory FACTORY = new JsonFactory();
  private static final int USUAL_BYTES = 512;

  private Json() {}

  /** Writes one value. */
  @FunctionalInterface
  public interface Writing {
    void on(JsonGenerator json) throws IOException;
  }

  public static byte[] bytes(Writing writing) {
    var bytes = new ByteArrayOutputStream(USUAL_BYTES);
    try (var json = FACTORY.createGenerator(bytes)) {
      writing.on(json);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /** A field with a text, or with null. */
  public static void text(JsonGenerator json, String field, @Nullable String value)
      throws IOException {
    if (value == null) {
      json.writeNullField(field);
    } else {
      json.writeStringField(field, value);
    }
  }
}
