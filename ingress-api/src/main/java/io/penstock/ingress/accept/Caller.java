package io.penstock.ingress.accept;

import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.Role;

/** Who sent a request: the usable API key that it was authenticated by. */
public record Caller(ApiKeyEntry key) {

  /** Organisation that pays, and whose things the caller may see. */
  public String organization() {
    return key.getOrganization();
  }

  /** Id of the key; never its secret. */
  public String keyId() {
    return key.getId();
  }

  public Role role() {
    return key.getRole();
  }

  /** Whether the key is scoped to a model; a key without scopes may use all. */
  public boolean mayUse(String model) {
    var models = key.getModels();
    return models.isEmpty() || models.contains(model);
  }
}
