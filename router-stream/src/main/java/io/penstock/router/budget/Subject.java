package io.penstock.router.budget;

import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.InferenceRequested;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Who asks for what, as budgets see it.
 *
 * @param request the request
 * @param model the model's own name, whichever alias was asked for: an alias is no way round
 */
public record Subject(InferenceRequested request, String model) {

  /** The values of a dimension, none of them twice; none at all when it has no value. */
  List<String> values(BudgetScope dimension) {
    var value =
        switch (dimension) {
          case ORGANIZATION -> request.getOrganization();
          case TEAM -> request.getTeam();
          case PROJECT -> request.getProject();
          case API_KEY -> request.getApiKey();
          case END_USER -> request.getEndUser();
          case MODEL -> model;
          case TAG -> null;
        };
    if (dimension == BudgetScope.TAG) {
      var tags = request.getTags();
      return tags.size() < 2 ? tags : List.copyOf(new LinkedHashSet<>(tags));
    }
    return value == null ? List.of() : List.of(value);
  }

  /** Whether a dimension has a value. */
  boolean is(BudgetScope dimension, String value) {
    return switch (dimension) {
      case ORGANIZATION -> value.equals(request.getOrganization());
      case TEAM -> value.equals(request.getTeam());
      case PROJECT -> value.equals(request.getProject());
      case API_KEY -> value.equals(request.getApiKey());
      case END_USER -> value.equals(request.getEndUser());
      case TAG -> request.getTags().contains(value);
      case MODEL -> value.equals(model) || value.equals(request.getModel());
    };
  }
}
