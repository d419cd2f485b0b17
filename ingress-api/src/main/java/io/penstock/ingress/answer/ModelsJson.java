package io.penstock.ingress.answer;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Model objects for the client libraries of OpenAI and of Anthropic, which ask at the same address:
 * each finds its own fields and passes over the other's.
 */
public final class ModelsJson {

  private static final String OWNER = "penstock";

  private ModelsJson() {}

  /** A model name that a caller may use, and when it came to be what it is. */
  public record Model(String id, Instant created) {}

  public static byte[] one(Model model) {
    return Json.bytes(json -> model(json, model));
  }

  public static byte[] list(List<Model> models) {
    return Json.bytes(
        json -> {
          json.writeStartObject();
          json.writeStringField("object", "list");
          json.writeArrayFieldStart("data");
          for (var model : models) {
            model(json, model);
          }
          json.writeEndArray();
          json.writeBooleanField("has_more", false);
          Json.text(json, "first_id", models.isEmpty() ? null : models.getFirst().id());
          Json.text(json, "last_id", models.isEmpty() ? null : models.getLast().id());
          json.writeEndObject();
        });
  }

  private static void model(JsonGenerator json, Model model) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", model.id());
    json.writeStringField("object", "model");
    json.writeNumberField("created", model.created().getEpochSecond());
    json.writeStringField("owned_by", OWNER);
    json.writeStringField("type", "model");
    json.writeStringField("display_name", model.id());
    json.writeStringField("created_at", model.created().truncatedTo(ChronoUnit.SECONDS).toString());
    json.writeEndObject();
  }
}
