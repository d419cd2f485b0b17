package io.penstock.router.select;

import io.penstock.router.price.CustomerPrice;
import io.penstock.schemas.avro.ConsideredTarget;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.RoutePreferences;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a selection.
 *
 * @param request the request
 * @param routes of the model asked for, then of the caller's further models that he may use
 * @param refused further models that he may not use or that do not exist
 * @param customer what the organisation pays
 * @param residency tag that the organisation demands of every target; absent means any
 * @param at the time
 */
public record Question(
    InferenceRequested request,
    List<ModelRoute> routes,
    List<ConsideredTarget> refused,
    CustomerPrice customer,
    @Nullable String residency,
    Instant at) {

  private static final RoutePreferences NONE = RoutePreferences.newBuilder().build();

  public Question {
    routes = List.copyOf(routes);
    refused = List.copyOf(refused);
  }

  /** What the caller asks of routing; shared, so nobody may change it. */
  RoutePreferences preferences() {
    var preferences = request.getPreferences();
    return preferences == null ? NONE : preferences;
  }
}
