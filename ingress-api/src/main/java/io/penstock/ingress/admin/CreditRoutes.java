package io.penstock.ingress.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.accept.Caller;
import io.penstock.ingress.answer.Json;
import io.penstock.ingress.catalog.Credits;
import io.penstock.ingress.catalog.Credits.Added;
import io.penstock.ingress.http.ApiException;
import io.penstock.ingress.http.Bodies;
import io.penstock.ingress.http.IdempotencyKey;
import io.penstock.ingress.http.Routes;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.platform.config.ConfigException;
import io.penstock.platform.id.Sha256;
import io.penstock.platform.money.Money;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.CreditGrant;
import io.penstock.schemas.avro.OrganizationEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code /v1/admin/organizations/{id}/credits}. Thread-safe. */
final class CreditRoutes {

  private static final String PATH = "/v1/admin/organizations/{id}/credits";
  private static final int BYTES_MAX = 64 << 10;
  private static final String ID_PREFIX = "once-";
  private static final int ID_HASH_CHARACTERS = 32;

  /** Others may change the same organisation in between. */
  private static final int TRIES_MAX = 5;

  private final CatalogPublisher publisher;
  private final Clock clock;

  CreditRoutes(CatalogPublisher publisher, Clock clock) {
    this.publisher = publisher;
    this.clock = clock;
  }

  void routes(HttpRouting.Builder routing, Routes routes) {
    routing.post(PATH, routes.secured(this::add));
    routing.get(PATH, routes.secured(this::list));
    routing.any(PATH, routes.methodNotAllowed("GET, POST"));
  }

  /** Money comes from outside, so only who runs the installation can say that it came. */
  private void add(Caller caller, ServerRequest request, ServerResponse response)
      throws IOException, InterruptedException {
    Permission.administerAll(caller);
    var id = request.path().pathParameters().get("id");
    var key = IdempotencyKey.value(request.headers());
    var byKey = key == null ? null : idOf(id, key);
    var grant = grant(request, byKey);
    var other = grant.getId().equals(byKey) ? ErrorCode.IDEMPOTENCY_KEY_REUSED : ErrorCode.CONFLICT;
    var outcome = Outcome.OUTRUN;
    for (int tries = 1; outcome == Outcome.OUTRUN; tries++) {
      outcome = added(caller, id, grant, other, tries == TRIES_MAX);
    }
    if (outcome == Outcome.KNOWN) {
      response.header(Routes.REPLAYED, "true");
    }
    Routes.json(response, 200, Json.bytes(json -> write(json, grant)));
  }

  /** The id of credit that names none itself. */
  private static String idOf(String organization, String idempotencyKey) {
    return ID_PREFIX
        + Sha256.hex(organization + "\0" + idempotencyKey).substring(0, ID_HASH_CHARACTERS);
  }

  private enum Outcome {
    ADDED,
    /** It was there before. */
    KNOWN,
    /** Somebody else has changed the organisation meanwhile. */
    OUTRUN
  }

  /**
   * Adds credit.
   *
   * @param other to who names other credit by its id
   * @param last whether who is outrun is told so
   */
  private Outcome added(Caller caller, String id, CreditGrant grant, ErrorCode other, boolean last)
      throws InterruptedException {
    var present = publisher.present().entries().get("organization/" + id);
    if (present == null || !(present.getEntry() instanceof OrganizationEntry organization)) {
      throw new ApiException(ErrorCode.NOT_FOUND, "id", "There is no organisation '" + id + "'.");
    }
    switch (Credits.add(organization, grant)) {
      case Added.Known _ -> {
        return Outcome.KNOWN;
      }
      case Added.Other _ ->
          throw new ApiException(
              other, "The organisation has another credit of the id '" + grant.getId() + "'.");
      case Added.Full _ ->
          throw new ApiException(
              ErrorCode.CONFLICT, "The organisation has as many credits as it can have.");
      case Added.New(var changed) -> {
        var now = Instant.ofEpochMilli(clock.millis());
        try {
          publisher.publish(
              List.of(new Change.Put(next(present, changed, caller, now), present.getVersion())),
              List.of());
        } catch (ApiException e) {
          if (e.code() == ErrorCode.CONFLICT && !last) {
            return Outcome.OUTRUN;
          }
          throw e;
        }
        publisher.audit(
            caller,
            id,
            "credit.add",
            grant.getId(),
            Map.of("amount_usd", new Money(grant.getAmountNanoUsd()).usd()),
            now);
        return Outcome.ADDED;
      }
    }
  }

  private static CatalogEntry next(
      CatalogEntry present, OrganizationEntry changed, Caller caller, Instant now) {
    return new CatalogEntry(
        present.getKind(),
        present.getName(),
        present.getVersion() + 1,
        caller.keyId(),
        now,
        changed);
  }

  private void list(Caller caller, ServerRequest request, ServerResponse response) {
    var id = request.path().pathParameters().get("id");
    Permission.administer(caller, id);
    var organization = publisher.present().organization(id);
    if (organization == null) {
      throw new ApiException(ErrorCode.NOT_FOUND, "id", "There is no organisation '" + id + "'.");
    }
    Routes.json(
        response,
        200,
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeStringField("object", "list");
              json.writeBooleanField("prepaid", organization.getPrepaid());
              json.writeArrayFieldStart("data");
              for (var grant : organization.getCredits()) {
                write(json, grant);
              }
              json.writeEndArray();
              json.writeBooleanField("has_more", false);
              json.writeEndObject();
            }));
  }

  private static CreditGrant grant(ServerRequest request, @Nullable String id) throws IOException {
    var text = new String(Bodies.read(request, BYTES_MAX, bytes -> {}), StandardCharsets.UTF_8);
    try {
      return Credits.parse(text, id);
    } catch (ConfigException e) {
      throw new ApiException(ErrorCode.INVALID_REQUEST, String.valueOf(e.getMessage()));
    }
  }

  private static void write(JsonGenerator json, CreditGrant grant) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", grant.getId());
    json.writeStringField("object", "credit");
    json.writeStringField("amount_usd", new Money(grant.getAmountNanoUsd()).usd());
    json.writeNumberField("priority", grant.getPriority());
    var expires = grant.getExpiresAt();
    if (expires == null) {
      json.writeNullField("expires_at");
    } else {
      json.writeStringField("expires_at", expires.toString());
    }
    json.writeBooleanField("paid", grant.getPaid());
    json.writeStringField("note", grant.getNote());
    json.writeEndObject();
  }
}
