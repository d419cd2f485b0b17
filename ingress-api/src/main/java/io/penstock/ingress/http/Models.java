package io.penstock.ingress.http;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.accept.Caller;
import io.penstock.ingress.accept.ModelAccess;
import io.penstock.ingress.answer.ModelsJson;
import io.penstock.platform.catalog.Catalog;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.ModelEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.function.Supplier;

/** {@code /v1/models}: the names and aliases that a key may use. Thread-safe. */
final class Models {

  private final Supplier<Catalog> catalog;

  Models(Supplier<Catalog> catalog) {
    this.catalog = catalog;
  }

  void list(Caller caller, ServerRequest request, ServerResponse response) {
    var present = catalog.get();
    var models = new ArrayList<ModelsJson.Model>();
    for (var model : present.models()) {
      add(models, present, caller, model, model.getName());
      for (var alias : model.getAliases()) {
        add(models, present, caller, model, alias);
      }
    }
    models.sort(Comparator.comparing(ModelsJson.Model::id));
    Routes.json(response, 200, ModelsJson.list(models));
  }

  void one(Caller caller, ServerRequest request, ServerResponse response) {
    // names may hold slashes, so the pattern takes all that follows
    var name = request.path().path().substring("/v1/models/".length());
    var present = catalog.get();
    var model = present.model(name);
    if (model == null || ModelAccess.refusal(present, caller, name) != null) {
      // a key that may not use a model need not learn that it exists
      throw new ApiException(
          ErrorCode.MODEL_NOT_FOUND, "model", "The model '" + name + "' does not exist.");
    }
    Routes.json(response, 200, ModelsJson.one(new ModelsJson.Model(name, created(present, model))));
  }

  private static void add(
      ArrayList<ModelsJson.Model> models,
      Catalog catalog,
      Caller caller,
      ModelEntry model,
      String name) {
    if (ModelAccess.refusal(catalog, caller, name) == null) {
      models.add(new ModelsJson.Model(name, created(catalog, model)));
    }
  }

  private static Instant created(Catalog catalog, ModelEntry model) {
    var entry = catalog.entries().get("model/" + model.getName());
    return entry == null ? Instant.EPOCH : entry.getAt();
  }
}
