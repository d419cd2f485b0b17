package io.penstock.ingress.files;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.answer.Json;
import java.io.IOException;
import java.util.List;

/** OpenAI's file objects. */
final class FileJson {

  private FileJson() {}

  static byte[] one(FileObject file) {
    return Json.bytes(json -> file(json, file));
  }

  /**
   * A page of a listing.
   *
   * @param more whether another page follows
   */
  static byte[] list(List<FileObject> files, boolean more) {
    return Json.bytes(
        json -> {
          json.writeStartObject();
          json.writeStringField("object", "list");
          json.writeArrayFieldStart("data");
          for (var file : files) {
            file(json, file);
          }
          json.writeEndArray();
          if (files.isEmpty()) {
            json.writeNullField("first_id");
            json.writeNullField("last_id");
          } else {
            json.writeStringField("first_id", files.getFirst().id());
            json.writeStringField("last_id", files.getLast().id());
          }
          json.writeBooleanField("has_more", more);
          json.writeEndObject();
        });
  }

  static byte[] deleted(String id) {
    return Json.bytes(
        json -> {
          json.writeStartObject();
          json.writeStringField("id", id);
          json.writeStringField("object", "file");
          json.writeBooleanField("deleted", true);
          json.writeEndObject();
        });
  }

  private static void file(JsonGenerator json, FileObject file) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", file.id());
    json.writeStringField("object", "file");
    json.writeNumberField("bytes", file.bytes());
    json.writeNumberField("created_at", file.createdAt().getEpochSecond());
    if (file.expiresAt() != null) {
      json.writeNumberField("expires_at", file.expiresAt().getEpochSecond());
    }
    json.writeStringField("filename", file.filename());
    json.writeStringField("purpose", file.purpose());
    // deprecated, but required by OpenAI's schema
    json.writeStringField("status", "processed");
    json.writeEndObject();
  }
}
