package io.penstock.ingress.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.ingress.http.DiskReserve;
import io.penstock.ingress.testing.Catalogs;
import io.penstock.ingress.testing.TestServer;
import io.penstock.platform.blob.LocalBlobStore;
import io.penstock.platform.id.Ids;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FilesApiTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BOUNDARY = "XyZ";
  private static final int FILE_BYTES_MAX = 300_000;
  private static final int BATCH_BYTES_MAX = 100_000;

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-21T00:00:00Z"));
  private final InstantSource source = now::get;
  private final Clock clock = source.withZone(ZoneOffset.UTC);
  private final AtomicLong free = new AtomicLong(Long.MAX_VALUE);
  private final Path directory;
  private final LocalBlobStore blobs;
  private final TestServer server;

  FilesApiTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    blobs = new LocalBlobStore(directory);
    var routes =
        new FileRoutes(
            new Files(blobs, new Ids(), clock),
            new DiskReserve(free::get, 1_000),
            FILE_BYTES_MAX,
            BATCH_BYTES_MAX);
    server = TestServer.start(clock, routes::routes);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void anUploadedFileIsThereToBeSeenListedReadAndDeleted() throws Exception {
    var uploaded = upload(field("purpose", "batch") + file("in.jsonl", "{}\n{}\n"));

    assertThat(uploaded.statusCode()).isEqualTo(200);
    var file = json(uploaded);
    var id = file.path("id").asText();
    assertThat(id).startsWith("file-");
    assertThat(uploaded.body())
        .isEqualTo(
            "{\"id\":\""
                + id
                + "\",\"object\":\"file\",\"bytes\":6,\"created_at\":1795219200,\"expires_at\":1797811200,"
                + "\"filename\":\"in.jsonl\",\"purpose\":\"batch\",\"status\":\"processed\"}");
    assertThat(server.get("/v1/files/" + id, Catalogs.ACME).body()).isEqualTo(uploaded.body());
    assertThat(json(server.get("/v1/files", Catalogs.ACME)).path("data").get(0)).isEqualTo(file);
    var content = server.get("/v1/files/" + id + "/content", Catalogs.ACME);
    assertThat(content.body()).isEqualTo("{}\n{}\n");
    assertThat(content.headers().firstValue("content-length")).hasValue("6");

    var deleted = server.send(server.request("/v1/files/" + id, Catalogs.ACME).DELETE());

    assertThat(deleted.body())
        .isEqualTo("{\"id\":\"" + id + "\",\"object\":\"file\",\"deleted\":true}");
    assertThat(server.get("/v1/files/" + id, Catalogs.ACME).statusCode()).isEqualTo(404);
    assertThat(server.get("/v1/files/" + id + "/content", Catalogs.ACME).statusCode())
        .isEqualTo(404);
    assertThat(blobs.list("file-content/")).isEmpty();
  }

  @Test
  void aFileThatWouldTakeOfTheDisksReserveIsRefusedInWordsAndLeavesNothing() throws Exception {
    free.set(50_000);

    var tooLong = upload(field("purpose", "user_data") + file("a", "x".repeat(60_000)));
    var fits = upload(field("purpose", "user_data") + file("a", "x".repeat(10_000)));
    free.set(999);
    var nothingLeft =
        send(
            BodyPublishers.ofInputStream(
                () ->
                    new ByteArrayInputStream(
                        bytes(field("purpose", "user_data") + file("a", "x") + end()))));

    assertThat(tooLong.statusCode()).isEqualTo(503);
    assertThat(json(tooLong).path("error").path("message").asText()).contains("disk", "full");
    assertThat(tooLong.headers().firstValue("retry-after")).hasValue("30");
    assertThat(fits.statusCode()).isEqualTo(200);
    assertThat(nothingLeft.statusCode()).isEqualTo(503);
    assertThat(blobs.list("file-content/")).hasSize(1);
  }

  @Test
  void theFileMayComeBeforeItsPurposeAndInChunks() throws Exception {
    var body = file("a", "x".repeat(90_000)) + field("purpose", "batch") + end();

    var uploaded = send(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes(body))));

    assertThat(uploaded.statusCode()).isEqualTo(200);
    assertThat(json(uploaded).path("bytes").asLong()).isEqualTo(90_000);
  }

  @Test
  void anotherOrganisationsFileDoesNotExist() throws Exception {
    var id = json(upload(field("purpose", "user_data") + file("a", "secret"))).path("id").asText();

    assertThat(server.get("/v1/files/" + id, Catalogs.OTHER).statusCode()).isEqualTo(404);
    assertThat(server.get("/v1/files/" + id + "/content", Catalogs.OTHER).statusCode())
        .isEqualTo(404);
    assertThat(server.send(server.request("/v1/files/" + id, Catalogs.OTHER).DELETE()).statusCode())
        .isEqualTo(404);
    assertThat(json(server.get("/v1/files", Catalogs.OTHER)).path("data")).isEmpty();
    assertThat(server.get("/v1/files/" + id, Catalogs.ACME_FAST).statusCode()).isEqualTo(200);
  }

  @Test
  void everyBadUploadHasItsOwnErrorAndLeavesNothing() throws Exception {
    assertRefused(upload(file("a", "x")), 400, "missing_required_parameter", "purpose");
    assertRefused(
        upload(field("purpose", "fun") + file("a", "x")), 400, "invalid_request", "purpose");
    assertRefused(upload(field("purpose", "batch")), 400, "missing_required_parameter", "file");
    assertRefused(
        upload(field("purpose", "batch") + file("a", "")), 400, "invalid_request", "file");
    assertRefused(
        upload(field("purpose", "batch") + file("a", "x") + file("b", "x")),
        400,
        "invalid_request",
        "file");
    assertRefused(
        upload(field("purpose", "batch") + file("a", "x".repeat(BATCH_BYTES_MAX + 1))),
        413,
        "request_too_large",
        "file");
    assertRefused(
        upload(file("a", "x".repeat(BATCH_BYTES_MAX + 1)) + field("purpose", "batch")),
        413,
        "request_too_large",
        "file");
    assertRefused(
        upload(field("purpose", "vision") + file("a", "x".repeat(FILE_BYTES_MAX + 1))),
        413,
        "request_too_large",
        "file");
    assertRefused(upload("nonsense"), 400, "invalid_request", null);
    assertRefused(
        send(BodyPublishers.ofString(file("a", "x") + field("purpose", "batch"))),
        400,
        "invalid_request",
        null);
    assertRefused(
        upload(
            field("purpose", "batch") + field("expires_after[seconds]", "3600") + file("a", "x")),
        400,
        "missing_required_parameter",
        "expires_after.anchor");
    assertRefused(
        upload(
            field("purpose", "batch")
                + field("expires_after[anchor]", "created_at")
                + field("expires_after[seconds]", "3599")
                + file("a", "x")),
        400,
        "invalid_request",
        "expires_after.seconds");
    assertRefused(
        server.post("/v1/files", Catalogs.ACME, "{}"), 415, "unsupported_media_type", null);

    assertThat(blobs.list("file-content/")).isEmpty();
    assertThat(blobs.list("file-metadata/")).isEmpty();
    assertThat(java.nio.file.Files.list(directory.resolve(".incoming"))).isEmpty();
  }

  @Test
  void aDeclaredLengthBeyondTheLimitIsRefusedBeforeTheBodyIsRead() throws Exception {
    try (var socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(10_000);
      var head =
          "POST /v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
              + Catalogs.ACME
              + "\r\nContent-Type: multipart/form-data; boundary=a\r\nContent-Length: 99999999999\r\n\r\n";
      // what follows would be the body: it must not be taken for another request
      socket.getOutputStream().write(bytes(head + "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"));

      var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(answer)
          .startsWith("HTTP/1.1 413")
          .contains("request_too_large")
          .doesNotContain("200 OK");
    }
  }

  @Test
  void aFileExpiresWhenItsOwnerSaidSo() throws Exception {
    var id =
        json(upload(
                field("purpose", "user_data")
                    + field("expires_after[anchor]", "created_at")
                    + field("expires_after[seconds]", "3600")
                    + file("a", "x")))
            .path("id")
            .asText();

    now.set(now.get().plusSeconds(3_599));
    assertThat(server.get("/v1/files/" + id, Catalogs.ACME).statusCode()).isEqualTo(200);
    now.set(now.get().plusSeconds(1));

    assertThat(server.get("/v1/files/" + id, Catalogs.ACME).statusCode()).isEqualTo(404);
    assertThat(json(server.get("/v1/files", Catalogs.ACME)).path("data")).isEmpty();
  }

  @Test
  void listsComeInPagesNewestFirst() throws Exception {
    var ids = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      now.set(now.get().plus(Duration.ofSeconds(1)));
      var purpose = i % 2 == 0 ? "batch" : "vision";
      ids.add(json(upload(field("purpose", purpose) + file("f" + i, "x"))).path("id").asText());
    }

    var first = json(server.get("/v1/files?limit=2", Catalogs.ACME));
    var second = json(server.get("/v1/files?limit=2&after=" + ids.get(3), Catalogs.ACME));
    var last = json(server.get("/v1/files?limit=2&after=" + ids.get(1), Catalogs.ACME));

    assertThat(ids(first)).containsExactly(ids.get(4), ids.get(3));
    assertThat(first.path("has_more").asBoolean()).isTrue();
    assertThat(first.path("first_id").asText()).isEqualTo(ids.get(4));
    assertThat(first.path("last_id").asText()).isEqualTo(ids.get(3));
    assertThat(ids(second)).containsExactly(ids.get(2), ids.get(1));
    assertThat(ids(last)).containsExactly(ids.get(0));
    assertThat(last.path("has_more").asBoolean()).isFalse();
    assertThat(ids(json(server.get("/v1/files?order=asc", Catalogs.ACME)))).isEqualTo(ids);
    assertThat(ids(json(server.get("/v1/files?purpose=vision", Catalogs.ACME))))
        .containsExactly(ids.get(3), ids.get(1));
    assertRefused(server.get("/v1/files?limit=0", Catalogs.ACME), 400, "invalid_request", "limit");
    assertRefused(server.get("/v1/files?order=up", Catalogs.ACME), 400, "invalid_request", "order");
  }

  @Test
  void aPathInAFilenameIsLeftOut() throws Exception {
    var uploaded = json(upload(field("purpose", "batch") + file("../../etc/passwd", "x")));

    assertThat(uploaded.path("filename").asText()).isEqualTo("passwd");
  }

  @Test
  void idsThatAreNoneAreNotFound() throws Exception {
    for (var id :
        List.of("file-..", "file-%2e%2e%2fx", "FILE-1", "batch_1", "file-" + "x".repeat(200))) {
      assertThat(server.get("/v1/files/" + id, Catalogs.ACME).statusCode()).as(id).isEqualTo(404);
    }
  }

  @Test
  void anUploadRepeatedUnderItsKeyIsTheSameFile() throws Exception {
    var form = field("purpose", "batch") + file("in.jsonl", "{}\n");

    var first = uploadUnder("k 1", form);
    now.set(now.get().plusSeconds(60));
    var again = uploadUnder("\"k 1\"", form);
    var under = uploadUnder("k 2", form);

    assertThat(first.headers().firstValue("idempotent-replayed")).isEmpty();
    assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.headers().firstValue("idempotent-replayed")).hasValue("true");
    assertThat(json(under).path("id")).isNotEqualTo(json(first).path("id"));
    assertThat(blobs.list("file-content/")).hasSize(2);
    assertThat(java.nio.file.Files.list(directory.resolve(".incoming"))).isEmpty();
  }

  @Test
  void anotherUploadUnderTheSameKeyIsRefusedAndLeavesTheFirstAsItIs() throws Exception {
    var purpose = field("purpose", "batch");
    var id = json(uploadUnder("k", purpose + file("in.jsonl", "{}\n"))).path("id").asText();

    for (var other :
        List.of(
            purpose + file("in.jsonl", "[]\n"),
            purpose + file("out.jsonl", "{}\n"),
            field("purpose", "user_data") + file("in.jsonl", "{}\n"),
            purpose
                + field("expires_after[anchor]", "created_at")
                + field("expires_after[seconds]", "3600")
                + file("in.jsonl", "{}\n"))) {
      assertRefused(uploadUnder("k", other), 422, "idempotency_key_reused", null);
    }

    assertThat(server.get("/v1/files/" + id + "/content", Catalogs.ACME).body()).isEqualTo("{}\n");
    assertThat(blobs.list("file-content/")).hasSize(1);
  }

  @Test
  void aRefusedUploadDoesNotUseItsKeyUp() throws Exception {
    assertRefused(uploadUnder("k", file("a", "x")), 400, "missing_required_parameter", "purpose");

    var better = uploadUnder("k", field("purpose", "batch") + file("a", "x"));

    assertThat(better.statusCode()).as(better.body()).isEqualTo(200);
  }

  @Test
  void aKeyOfAnotherOrganisationIsAnotherKey() throws Exception {
    var form = field("purpose", "batch") + file("in.jsonl", "{}\n");
    var ours = json(uploadUnder("k", form)).path("id").asText();

    var theirs = json(uploadUnder("k", Catalogs.OTHER, form)).path("id").asText();

    assertThat(theirs).isNotEqualTo(ours);
    assertThat(server.get("/v1/files/" + theirs, Catalogs.ACME).statusCode()).isEqualTo(404);
  }

  @Test
  void whatWasKilledBetweenItsKeyAndItsFileIsTheSameFileWhenItIsRepeated() throws Exception {
    var form = field("purpose", "batch") + file("in.jsonl", "{}\n");
    var first = json(uploadUnder("k", form)).path("id").asText();
    blobs.delete("file-metadata/acme/" + first);
    blobs.delete("file-content/acme/" + first);

    var again = uploadUnder("k", form);

    assertThat(json(again).path("id").asText()).isEqualTo(first);
    assertThat(again.headers().firstValue("idempotent-replayed")).isEmpty();
    assertThat(server.get("/v1/files/" + first + "/content", Catalogs.ACME).body())
        .isEqualTo("{}\n");
  }

  private HttpResponse<String> uploadUnder(String key, String parts)
      throws IOException, InterruptedException {
    return uploadUnder(key, Catalogs.ACME, parts);
  }

  private HttpResponse<String> uploadUnder(String key, String secret, String parts)
      throws IOException, InterruptedException {
    return server.send(
        server
            .request("/v1/files", secret)
            .header("Idempotency-Key", key)
            .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
            .POST(BodyPublishers.ofString(parts + end())));
  }

  private HttpResponse<String> upload(String parts) throws IOException, InterruptedException {
    return send(BodyPublishers.ofString(parts + end()));
  }

  private HttpResponse<String> send(BodyPublisher body) throws IOException, InterruptedException {
    return server.send(
        server
            .request("/v1/files", Catalogs.ACME)
            .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
            .POST(body));
  }

  private static String field(String name, String value) {
    return "--"
        + BOUNDARY
        + "\r\nContent-Disposition: form-data; name=\""
        + name
        + "\"\r\n\r\n"
        + value
        + "\r\n";
  }

  private static String file(String filename, String content) {
    return "--"
        + BOUNDARY
        + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
        + filename
        + "\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        + content
        + "\r\n";
  }

  private static String end() {
    return "--" + BOUNDARY + "--\r\n";
  }

  private static List<String> ids(JsonNode list) {
    var ids = new ArrayList<String>();
    list.path("data").forEach(file -> ids.add(file.path("id").asText()));
    return ids;
  }

  private static void assertRefused(
      HttpResponse<String> response, int status, String code, @Nullable String param)
      throws IOException {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    var error = json(response).path("error");
    assertThat(error.path("code").asText()).isEqualTo(code);
    assertThat(error.path("param").isNull() ? null : error.path("param").asText()).isEqualTo(param);
    assertThat(response.headers().firstValue("x-request-id"))
        .hasValue(error.path("metadata").path("request_id").asText());
  }

  private static JsonNode json(HttpResponse<String> response) throws IOException {
    return JSON.readTree(response.body());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
