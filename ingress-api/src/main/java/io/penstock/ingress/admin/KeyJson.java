package io.penstock.ingress.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.answer.Json;
import io.penstock.schemas.avro.ApiKeyEntry;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Keys as administrators see them: never the hash, the secret once. */
final class KeyJson {

  private KeyJson() {}

  static byte[] created(ApiKeyEntry key, String secret) {
    return Json.bytes(json -> key(json, key, secret));
  }

  static byte[] list(List<ApiKeyEntry> keys) {
    return Json.bytes(
        json -> {
          json.writeStartObject();
          json.writeStringField("object", "list");
          json.writeArrayFieldStart("data");
          for (var key : keys) {
            key(json, key, null);
          }
          json.writeEndArray();
          json.writeBooleanField("has_more", false);
          json.writeEndObject();
        });
  }

  static byte[] deleted(String id) {
    return Json.bytes(
        json -> {
          json.writeStartObject();
          json.writeStringField("id", id);
          json.writeStringField("object", "api_key");
          json.writeBooleanField("deleted", true);
          json.writeEndObject();
        });
  }

  private static void key(JsonGenerator json, ApiKeyEntry key, @Nullable String secret)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("id", key.getId());
    json.writeStringField("object", "api_key");
    if (secret != null) {
      json.writeStringField("secret", secret);
    }
    json.writeStringField("organization", key.getOrganization());
    json.writeStringField("name", key.getName());
    json.writeStringField("hint", key.getHint());
    json.writeStringField("role", key.getRole().name().toLowerCase(Locale.ROOT));
    Json.text(json, "project", key.getProject());
    Json.text(json, "team", key.getTeam());
    json.writeArrayFieldStart("models");
    for (var model : key.getModels()) {
      json.writeString(model);
    }
    json.writeEndArray();
    limit(json, "rpm", key.getRequestsPerMinute());
    limit(json, "tpm", key.getTokensPerMinute());
    limit(json, "concurrency", key.getConcurrency());
    json.writeBooleanField("active", key.getActive());
    json.writeNumberField("created_at", key.getCreatedAt().getEpochSecond());
    if (key.getExpiresAt() == null) {
      json.writeNullField("expires_at");
    } else {
      json.writeNumberField("expires_at", key.getExpiresAt().getEpochSecond());
    }
    json.writeEndObject();
  }

  private static void limit(JsonGenerator json, String field, @Nullable Long limit)
      throws IOException {
    if (limit == null) {
      json.writeNullField(field);
    } else {
      json.writeNumberField(field, limit);
    }
  }
}
