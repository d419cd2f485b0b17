package io.penstock.simulator.openai;

import io.penstock.simulator.json.JsonBytes;
import java.util.List;

/** Writes the list of models. */
public final class ModelsWriter {
  private ModelsWriter() {}

  /** The body. */
  public static JsonBytes write(List<String> models, long createdSeconds) {
    return JsonBytes.of(
        256,
        json -> {
          json.writeStartObject();
          json.writeStringField("object", "list");
          json.writeArrayFieldStart("data");
          for (var model : models) {
            json.writeStartObject();
            json.writeStringField("id", model);
            json.writeStringField("object", "model");
            json.writeNumberField("created", createdSeconds);
            json.writeStringField("owned_by", "penstock-simulator");
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }
}
