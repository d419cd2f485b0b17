package io.penstock.ingress.batches;

import static io.penstock.ingress.batches.AllBatches.reading;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.accept.Caller;
import io.penstock.ingress.batches.AllBatches.Listed;
import io.penstock.ingress.files.Files;
import io.penstock.ingress.http.ApiException;
import io.penstock.ingress.http.Bodies;
import io.penstock.ingress.http.DiskReserve;
import io.penstock.ingress.http.IdempotencyKey;
import io.penstock.ingress.http.Queries;
import io.penstock.ingress.http.Routes;
import io.penstock.ingress.jobs.BatchState.Batch;
import io.penstock.ingress.jobs.BatchState.Ended;
import io.penstock.ingress.jobs.BatchState.Running;
import io.penstock.ingress.jobs.BatchState.Writing;
import io.penstock.ingress.jobs.Ending;
import io.penstock.ingress.jobs.Stop;
import io.penstock.ingress.stream.JobView;
import io.penstock.ingress.stream.JobView.Place;
import io.penstock.platform.http.Peers;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.BatchCancelRequested;
import io.penstock.schemas.avro.BatchCreated;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Batches over HTTP, as OpenAI has them, and one route of our own: results while the batch runs.
 * Thread-safe.
 */
final class BatchRoutes {

  private static final String PURPOSE = "batch";
  private static final int ORDER_BYTES_MAX = 64 << 10;
  private static final int PAGE_DEFAULT = 20;
  private static final int PAGE_MAX = 100;
  private static final int RESULTS_DEFAULT = 100;
  private static final int RESULTS_MAX = 1_000;
  private static final long RESULTS_BYTES_MAX = 8 << 20;
  private static final Duration LOG_WAIT = Duration.ofSeconds(15);
  private static final Duration VIEW_WAIT = Duration.ofSeconds(5);
  private static final Duration VIEW_LOOK = Duration.ofMillis(4);

  private final JobView view;
  private final AllBatches all;
  private final Files files;
  private final Outbox outbox;
  private final FinishedLines lines;
  private final DiskReserve disk;
  private final BatchIds ids;
  private final Runnable wake;
  private final Duration completionWindow;
  private final Clock clock;

  /**
   * Makes the routes.
   *
   * @param wake called when there is a new batch
   */
  BatchRoutes(
      JobView view,
      Peers peers,
      Files files,
      Outbox outbox,
      FinishedLines lines,
      DiskReserve disk,
      BatchIds ids,
      Runnable wake,
      Duration completionWindow,
      Clock clock) {
    this.view = view;
    this.all = new AllBatches(view, peers);
    this.files = files;
    this.outbox = outbox;
    this.lines = lines;
    this.disk = disk;
    this.ids = ids;
    this.wake = wake;
    this.completionWindow = completionWindow;
    this.clock = clock;
  }

  void register(HttpRouting.Builder routing, Routes routes) {
    routing.post("/v1/batches", routes.secured(this::create));
    routing.get("/v1/batches", routes.secured(this::list));
    routing.get("/v1/batches/{id}", routes.secured(all.atOwner(this::find)));
    routing.post("/v1/batches/{id}/cancel", routes.secured(all.atOwner(this::cancel)));
    routing.get("/v1/batches/{id}/results", routes.secured(all.atOwner(this::results)));
  }

  private void create(Caller caller, ServerRequest request, ServerResponse response)
      throws IOException, InterruptedException {
    var order = BatchOrder.of(Bodies.json(request, ORDER_BYTES_MAX));
    check(caller, order);
    var key = IdempotencyKey.value(request.headers());
    var now = clock.instant();
    var id = ids.next(caller.organization(), key, now);
    var shown = key == null ? null : all.find(caller, request, id);
    if (shown == null) {
      disk.requireFor(0);
      // before the batch is there, so that at no time it is there without its file
      files.use(caller.organization(), order.inputFile(), id);
      check(caller, order);
      write(id, created(caller, order, id, now));
      wake.run();
      shown = awaitShown(caller, request, id);
    } else {
      response.header(Routes.REPLAYED, "true");
    }
    refuseOtherOrder(shown.json(), order);
    Routes.json(response, Status.OK_200.code(), shown.json());
  }

  private void check(Caller caller, BatchOrder order) throws IOException {
    // an order that cannot be shown is not taken
    reading(view::active);
    var file = files.find(caller.organization(), order.inputFile());
    if (file == null) {
      throw new ApiException(
          ErrorCode.NOT_FOUND, "input_file_id", "No such file: '" + order.inputFile() + "'.");
    }
    if (!file.purpose().equals(PURPOSE)) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST,
          "input_file_id",
          "The purpose of the input file must be 'batch', not '" + file.purpose() + "'.");
    }
  }

  private BatchCreated created(Caller caller, BatchOrder order, String id, Instant now) {
    var key = caller.key();
    return new BatchCreated(
        id,
        caller.organization(),
        caller.keyId(),
        key.getProject(),
        key.getTeam(),
        order.inputFile(),
        order.endpoint(),
        order.completionWindow(),
        order.metadata(),
        order.outputExpiresAfterSeconds(),
        now,
        now.plus(completionWindow));
  }

  private static void refuseOtherOrder(byte[] batch, BatchOrder order) {
    if (!order.is(batch)) {
      throw new ApiException(
          ErrorCode.IDEMPOTENCY_KEY_REUSED, "This Idempotency-Key was used for another batch.");
    }
  }

  private void find(Caller caller, ServerRequest request, ServerResponse response) {
    Routes.json(response, Status.OK_200.code(), BatchJson.bytes(own(caller, request)));
  }

  private void list(Caller caller, ServerRequest request, ServerResponse response)
      throws InterruptedException {
    // another instance asks for one more than its caller did
    var most = Peers.asks(request) ? PAGE_MAX + 1 : PAGE_MAX;
    var limit = Queries.limit(request.query(), PAGE_DEFAULT, most);
    var found = all.newest(caller, request, after(caller, request), limit + 1);
    var more = found.size() > limit ? BatchJson.More.YES : BatchJson.More.NO;
    var page = found.subList(0, Math.min(limit, found.size()));
    Routes.json(response, Status.OK_200.code(), BatchJson.page(page, more));
  }

  private @Nullable Place after(Caller caller, ServerRequest request) throws InterruptedException {
    var id = Queries.text(request.query(), "after");
    if (id == null) {
      return null;
    }
    var millis = Queries.text(request.query(), "after_ms");
    if (Peers.asks(request) && millis != null) {
      return new Place(Long.parseLong(millis), id);
    }
    var last = all.find(caller, request, id);
    if (last == null) {
      throw noBatch(id);
    }
    return last.place();
  }

  private void cancel(Caller caller, ServerRequest request, ServerResponse response)
      throws InterruptedException {
    var batch = own(caller, request);
    if (cancellable(batch)) {
      var id = batch.terms().id();
      write(id, new BatchCancelRequested(id, clock.instant()));
      wake.run();
      batch = await(id, found -> !cancellable(found));
    }
    Routes.json(response, Status.OK_200.code(), BatchJson.bytes(batch));
  }

  private static boolean cancellable(Batch batch) {
    return switch (batch) {
      case Ended ended when ended.ending() == Ending.CANCELLED -> false;
      case Running running when cancelled(running.stop()) -> false;
      case Writing writing when cancelled(writing.stop()) -> false;
      case Ended _, Writing _ ->
          throw new ApiException(
              ErrorCode.CONFLICT,
              "Cannot cancel a batch with status '" + BatchJson.status(batch) + "'.");
      default -> true;
    };
  }

  private static boolean cancelled(@Nullable Stop stop) {
    return stop != null && stop.reason() == Stop.Reason.CANCELLED;
  }

  private void results(Caller caller, ServerRequest request, ServerResponse response)
      throws IOException {
    var batch = own(caller, request);
    if (batch instanceof Ended) {
      throw new ApiException(
          ErrorCode.CONFLICT,
          "The batch has ended: its results are in the files 'output_file_id' and 'error_file_id'.");
    }
    var limit = Queries.limit(request.query(), RESULTS_DEFAULT, RESULTS_MAX);
    var page = new LinePages(view, batch.terms().id(), afterLine(request) + 1);
    var body = new ByteArrayOutputStream();
    for (int i = 0; i < limit && body.size() < RESULTS_BYTES_MAX; i++) {
      var line = reading(page::next);
      if (line == null) {
        break;
      }
      body.writeBytes(lines.render(batch.terms().id(), line).bytes());
    }
    response.header(HeaderNames.CONTENT_TYPE, "application/jsonl");
    response.send(body.toByteArray());
  }

  private static long afterLine(ServerRequest request) {
    var text = Queries.text(request.query(), "after_line");
    try {
      var line = text == null ? 0 : Long.parseLong(text);
      if (line >= 0 && line < Long.MAX_VALUE) {
        return line;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message for both
    }
    throw new ApiException(
        ErrorCode.INVALID_REQUEST, "after_line", "'after_line' must be a line number.");
  }

  private Batch own(Caller caller, ServerRequest request) {
    return own(caller, request.path().pathParameters().get("id"));
  }

  private Batch own(Caller caller, String id) {
    var batch = reading(() -> view.find(id));
    if (batch == null || !batch.terms().organization().equals(caller.organization())) {
      throw noBatch(id);
    }
    return batch;
  }

  private static ApiException noBatch(String id) {
    return new ApiException(ErrorCode.NOT_FOUND, null, "No batch found with id '" + id + "'.");
  }

  /** Waits until the record is on all replicas. */
  private void write(String batch, SpecificRecord event) throws InterruptedException {
    var written = new CompletableFuture<Void>();
    outbox.batch(
        batch,
        event,
        failure -> {
          if (failure == null) {
            written.complete(null);
          } else {
            written.completeExceptionally(failure);
          }
        });
    try {
      written.get(LOG_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new ApiException(
          ErrorCode.OVERLOADED, "The batch could not be written to the log; ask again.");
    }
  }

  /** Waits until some instance shows what was written. */
  private Listed awaitShown(Caller caller, ServerRequest request, String id)
      throws InterruptedException {
    var end = System.nanoTime() + VIEW_WAIT.toNanos();
    while (System.nanoTime() < end) {
      var shown = all.find(caller, request, id);
      if (shown != null) {
        return shown;
      }
      Thread.sleep(VIEW_LOOK);
    }
    throw notShown(id);
  }

  /** Waits until the view of this instance shows what was written. */
  private Batch await(String id, Predicate<Batch> shown) throws InterruptedException {
    var end = System.nanoTime() + VIEW_WAIT.toNanos();
    while (System.nanoTime() < end) {
      var batch = reading(() -> view.find(id));
      if (batch != null && shown.test(batch)) {
        return batch;
      }
      Thread.sleep(VIEW_LOOK);
    }
    throw notShown(id);
  }

  private static ApiException notShown(String id) {
    return new ApiException(
        ErrorCode.NOT_READY,
        "The batch was written, but cannot be shown yet: ask for '" + id + "'.");
  }
}
