package io.penstock.ingress.admin;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.Counter;
import io.penstock.ingress.accept.Caller;
import io.penstock.ingress.answer.Json;
import io.penstock.ingress.catalog.CatalogFile;
import io.penstock.ingress.catalog.Difference;
import io.penstock.ingress.catalog.KeyRequest;
import io.penstock.ingress.http.ApiException;
import io.penstock.ingress.http.Bodies;
import io.penstock.ingress.http.IdempotencyKey;
import io.penstock.ingress.http.Queries;
import io.penstock.ingress.http.Routes;
import io.penstock.platform.Platform;
import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.CatalogWriter;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.platform.config.ConfigException;
import io.penstock.platform.http.PresentedKey;
import io.penstock.platform.id.Ids;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.CatalogEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;

/** {@code /v1/admin}. Thread-safe. */
public final class AdminRoutes {

  private static final int CATALOG_BYTES_MAX = 4 << 20;
  private static final int KEY_BYTES_MAX = 64 << 10;
  private static final String SECRET_PREFIX = "sk-pen-";

  /** 200 random bits. */
  private static final int SECRET_CHARACTERS = 40;

  private final CatalogPublisher publisher;
  private final CreditRoutes credits;
  private final ApiKeys apiKeys;
  private final Ids ids;
  private final Clock clock;
  private final Counter refused;

  public AdminRoutes(
      Platform platform,
      CatalogWriter writer,
      Producer<String, SpecificRecord> producer,
      Ids ids,
      Clock clock) {
    this.publisher = new CatalogPublisher(platform, writer, producer);
    this.credits = new CreditRoutes(publisher, clock);
    this.apiKeys = platform.apiKeys();
    this.ids = ids;
    this.clock = clock;
    this.refused =
        Counter.builder("penstock.catalog.refused")
            .description("catalogue files that were refused whole")
            .register(platform.metrics());
  }

  /** Adds the routes. */
  public void routes(HttpRouting.Builder routing, Routes routes) {
    routing.post("/v1/admin/catalog", routes.secured(this::apply));
    routing.post("/v1/admin/keys", routes.secured(this::createKey));
    routing.get("/v1/admin/keys", routes.secured(this::listKeys));
    routing.delete("/v1/admin/keys/{id}", routes.secured(this::deleteKey));
    credits.routes(routing, routes);
    routing.any("/v1/admin/catalog", routes.methodNotAllowed("POST"));
    routing.any("/v1/admin/keys", routes.methodNotAllowed("GET, POST"));
    routing.any("/v1/admin/keys/{id}", routes.methodNotAllowed("DELETE"));
  }

  private void apply(Caller caller, ServerRequest request, ServerResponse response)
      throws IOException, InterruptedException {
    Permission.administerAll(caller);
    var dryRun = "true".equals(Queries.text(request.query(), "dry_run"));
    var now = now();
    var jumps = "true".equals(Queries.text(request.query(), "allow_jumps"));
    var yaml = text(request, CATALOG_BYTES_MAX);
    var present = publisher.present();
    CatalogFile file;
    List<Change> changes;
    try {
      var read = CatalogFile.parse(yaml, apiKeys::hash);
      file = jumps ? read.allowingJumps() : read;
      changes = file.changes(present, now, caller.keyId());
    } catch (ConfigException e) {
      // whoever publishes by a script that nobody watches has to hear of it elsewhere too
      refused.increment();
      publisher.audit(caller, caller.organization(), "catalog.refused", "catalog", Map.of(), now);
      throw invalid(e);
    }
    var lines = Difference.lines(present, changes);
    if (!dryRun && !changes.isEmpty()) {
      publisher.publish(changes, file.pools());
      publisher.audit(
          caller,
          caller.organization(),
          "catalog.apply",
          "catalog",
          Map.of("changes", Integer.toString(changes.size())),
          now);
    }
    Routes.json(response, 200, difference(lines, !dryRun));
  }

  private void createKey(Caller caller, ServerRequest request, ServerResponse response)
      throws IOException, InterruptedException {
    var body = Bodies.read(request, KEY_BYTES_MAX, bytes -> {});
    var wish = keyRequest(new String(body, StandardCharsets.UTF_8), caller.organization());
    Permission.administer(caller, wish.organization());
    Permission.grant(caller, wish.role());
    if (publisher.present().organization(wish.organization()) == null) {
      throw new ApiException(
          ErrorCode.NOT_FOUND,
          "organization",
          "There is no organisation '" + wish.organization() + "'.");
    }
    var asked = IdempotencyKey.of(request.headers(), request.path().path(), body);
    var shown = PresentedKey.of(request.headers());
    if (asked != null && shown != null) {
      createOnce(
          caller, wish, new RepeatableKey(apiKeys, caller.organization(), shown, asked), response);
      return;
    }
    var now = now();
    var secret = ids.secret(SECRET_PREFIX, SECRET_CHARACTERS);
    var key = publish(caller, wish, ids.next("key_", now), secret, now);
    Routes.json(response, 200, KeyJson.created(key, secret));
  }

  private void createOnce(
      Caller caller, KeyRequest wish, RepeatableKey once, ServerResponse response)
      throws InterruptedException {
    var key = publisher.present().key(once.id());
    if (key == null) {
      key = createdNow(caller, wish, once);
    } else {
      response.header(Routes.REPLAYED, "true");
    }
    var secret = once.secret(SECRET_PREFIX, SECRET_CHARACTERS, key.getCreatedAt());
    if (!apiKeys.hash(secret).equals(key.getHash())) {
      throw new ApiException(
          ErrorCode.IDEMPOTENCY_KEY_REUSED,
          "This Idempotency-Key was used for another key, or by another caller.");
    }
    Routes.json(response, 200, KeyJson.created(key, secret));
  }

  private ApiKeyEntry createdNow(Caller caller, KeyRequest wish, RepeatableKey once)
      throws InterruptedException {
    var now = now();
    var secret = once.secret(SECRET_PREFIX, SECRET_CHARACTERS, now);
    try {
      return publish(caller, wish, once.id(), secret, now);
    } catch (ApiException e) {
      // another instance has made it at the same time, and by now it is seen here, too
      var theirs = publisher.present().key(once.id());
      if (e.code() == ErrorCode.CONFLICT && theirs != null) {
        return theirs;
      }
      throw e;
    }
  }

  private ApiKeyEntry publish(Caller caller, KeyRequest wish, String id, String secret, Instant now)
      throws InterruptedException {
    var key = wish.entry(id, apiKeys.hash(secret), secret, now);
    var entry = new CatalogEntry("key", id, 1L, caller.keyId(), now, key);
    publisher.publish(List.of(new Change.Put(entry, 0)), List.of());
    publisher.audit(caller, key.getOrganization(), "key.create", id, Map.of(), now);
    return key;
  }

  private void listKeys(Caller caller, ServerRequest request, ServerResponse response) {
    Permission.administer(caller, caller.organization());
    var keys = new ArrayList<ApiKeyEntry>();
    for (var entry : publisher.present().entries().values()) {
      if (entry.getEntry() instanceof ApiKeyEntry key && sees(caller, key)) {
        keys.add(key);
      }
    }
    Routes.json(response, 200, KeyJson.list(keys));
  }

  private void deleteKey(Caller caller, ServerRequest request, ServerResponse response)
      throws InterruptedException {
    Permission.administer(caller, caller.organization());
    var id = request.path().pathParameters().get("id");
    var key = publisher.present().key(id);
    if (key == null || !sees(caller, key)) {
      throw new ApiException(ErrorCode.NOT_FOUND, "id", "No such key: " + id);
    }
    publisher.publish(List.of(new Change.Remove("key/" + id)), List.of());
    publisher.audit(caller, key.getOrganization(), "key.delete", id, Map.of(), now());
    Routes.json(response, 200, KeyJson.deleted(id));
  }

  private static boolean sees(Caller caller, ApiKeyEntry key) {
    return switch (caller.role()) {
      case SUPER_ADMIN -> true;
      case ADMIN, USER -> key.getOrganization().equals(caller.organization());
    };
  }

  private static KeyRequest keyRequest(String json, String organization) {
    try {
      return KeyRequest.parse(json, organization);
    } catch (ConfigException e) {
      throw invalid(e);
    }
  }

  private static ApiException invalid(ConfigException e) {
    return new ApiException(ErrorCode.INVALID_REQUEST, String.valueOf(e.getMessage()));
  }

  private static String text(ServerRequest request, long bytesMax) throws IOException {
    return new String(Bodies.read(request, bytesMax, bytes -> {}), StandardCharsets.UTF_8);
  }

  /** In the catalogue's own precision, so that what was written equals what is read back. */
  private Instant now() {
    return Instant.ofEpochMilli(clock.millis());
  }

  private static byte[] difference(List<String> lines, boolean applied) {
    return Json.bytes(
        json -> {
          json.writeStartObject();
          json.writeStringField("object", "catalog.difference");
          json.writeBooleanField("applied", applied);
          json.writeArrayFieldStart("changes");
          for (var line : lines) {
            json.writeString(line);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }
}
