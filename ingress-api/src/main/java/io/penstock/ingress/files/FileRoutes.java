package io.penstock.ingress.files;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.accept.Caller;
import io.penstock.ingress.http.ApiException;
import io.penstock.ingress.http.Bodies;
import io.penstock.ingress.http.DiskReserve;
import io.penstock.ingress.http.IdempotencyKey;
import io.penstock.ingress.http.Queries;
import io.penstock.ingress.http.Routes;
import io.penstock.schemas.ErrorCode;
import java.io.IOException;

/** {@code /v1/files}. Thread-safe. */
public final class FileRoutes {

  private static final HeaderName CONTENT_OPTIONS = HeaderNames.create("x-content-type-options");
  private static final int LIST_MAX = 10_000;

  private final Files files;
  private final FileUploads uploads;

  /**
   * Makes the routes.
   *
   * @param disk what is to stay free of the disk
   * @param bytesMax largest file
   * @param batchBytesMax largest file of purpose {@code batch}
   */
  public FileRoutes(Files files, DiskReserve disk, long bytesMax, long batchBytesMax) {
    this.files = files;
    this.uploads = new FileUploads(files, disk, bytesMax, batchBytesMax);
  }

  /** Adds the routes. */
  public void routes(HttpRouting.Builder routing, Routes routes) {
    routing.post("/v1/files", routes.secured(this::upload));
    routing.get("/v1/files", routes.secured(this::list));
    routing.get("/v1/files/{id}", routes.secured(this::one));
    routing.delete("/v1/files/{id}", routes.secured(this::delete));
    routing.get("/v1/files/{id}/content", routes.secured(this::content));
    routing.any("/v1/files", routes.methodNotAllowed("GET, POST"));
    routing.any("/v1/files/{id}", routes.methodNotAllowed("GET, DELETE"));
    routing.any("/v1/files/{id}/content", routes.methodNotAllowed("GET"));
  }

  private void upload(Caller caller, ServerRequest request, ServerResponse response)
      throws IOException {
    Bodies.refuseEncoding(request);
    var type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
    var length = request.headers().contentLength().orElse(-1);
    var received =
        uploads.receive(
            caller.organization(),
            IdempotencyKey.value(request.headers()),
            type,
            length,
            request.content().inputStream());
    if (received.repeated()) {
      response.header(Routes.REPLAYED, "true");
    }
    Routes.json(response, 200, FileJson.one(received.file()));
  }

  private void list(Caller caller, ServerRequest request, ServerResponse response)
      throws IOException {
    var query = request.query();
    var order =
        switch (Queries.text(query, "order")) {
          case null -> Files.Order.NEWEST_FIRST;
          case "desc" -> Files.Order.NEWEST_FIRST;
          case "asc" -> Files.Order.OLDEST_FIRST;
          default ->
              throw new ApiException(
                  ErrorCode.INVALID_REQUEST, "order", "'order' must be 'asc' or 'desc'.");
        };
    var page =
        files.list(
            caller.organization(),
            Queries.text(query, "purpose"),
            Queries.text(query, "after"),
            Queries.limit(query, LIST_MAX, LIST_MAX),
            order);
    Routes.json(response, 200, FileJson.list(page.files(), page.more()));
  }

  private void one(Caller caller, ServerRequest request, ServerResponse response)
      throws IOException {
    Routes.json(response, 200, FileJson.one(found(caller, request)));
  }

  private void delete(Caller caller, ServerRequest request, ServerResponse response)
      throws IOException {
    var file = found(caller, request);
    if (!files.delete(caller.organization(), file.id())) {
      throw notFound(file.id());
    }
    Routes.json(response, 200, FileJson.deleted(file.id()));
  }

  private void content(Caller caller, ServerRequest request, ServerResponse response)
      throws IOException {
    var file = found(caller, request);
    try (var content = files.open(file, 0)) {
      response.header(HeaderNames.CONTENT_TYPE, "application/octet-stream");
      response.header(HeaderNames.CONTENT_LENGTH, Long.toString(file.bytes()));
      // whatever a caller stored, no browser may take it for a page of ours
      response.header(HeaderNames.CONTENT_DISPOSITION, "attachment");
      response.header(CONTENT_OPTIONS, "nosniff");
      try (var out = response.outputStream()) {
        content.transferTo(out);
      }
    }
  }

  private FileObject found(Caller caller, ServerRequest request) throws IOException {
    var id = request.path().pathParameters().get("id");
    var file = files.find(caller.organization(), id);
    if (file == null) {
      throw notFound(id);
    }
    return file;
  }

  private static ApiException notFound(String id) {
    return new ApiException(ErrorCode.NOT_FOUND, "id", "No such File object: " + id);
  }
}
