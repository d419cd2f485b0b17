package io.penstock.ingress.accept;

import io.penstock.platform.catalog.Catalog;
import io.penstock.schemas.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Whether a caller may use a model. The router decides again, with the catalogue of its own moment.
 */
public final class ModelAccess {

  private ModelAccess() {}

  /**
   * Why not; null when the caller may.
   *
   * @param asked name or alias
   */
  public static @Nullable Rejected refusal(Catalog catalog, Caller caller, String asked) {
    var model = catalog.model(asked);
    if (model == null) {
      return new Rejected(
          ErrorCode.MODEL_NOT_FOUND,
          "model",
          "The model '" + asked + "' does not exist or you do not have access to it.");
    }
    if (!caller.mayUse(asked) && !caller.mayUse(model.getName())) {
      return new Rejected(
          ErrorCode.PERMISSION_DENIED, "model", "Your key may not use the model '" + asked + "'.");
    }
    return null;
  }

  /** Why not, looking at all models that a body asks for; null when the caller may. */
  public static @Nullable Rejected refusal(Catalog catalog, Caller caller, ParsedBody body) {
    for (var model : body.models()) {
      var refusal = refusal(catalog, caller, model);
      if (refusal != null) {
        return model.equals(body.model())
            ? refusal
            : new Rejected(refusal.code(), "models", refusal.message());
      }
    }
    return null;
  }
}
