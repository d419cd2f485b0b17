package io.penstock.ingress.batches;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.accept.Caller;
import io.penstock.ingress.http.ApiException;
import io.penstock.ingress.http.SecuredHandler;
import io.penstock.ingress.jobs.BatchState.Batch;
import io.penstock.ingress.stream.JobView;
import io.penstock.ingress.stream.JobView.Elsewhere;
import io.penstock.ingress.stream.JobView.NotReady;
import io.penstock.ingress.stream.JobView.Place;
import io.penstock.platform.http.Peers;
import io.penstock.platform.http.Peers.SilentException;
import io.penstock.schemas.ErrorCode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;

/**
 * Batches as the API shows them, whichever instance has them. What another instance has is asked
 * for there in the caller's own name, so that the answer is what the caller would get there.
 * Thread-safe.
 */
final class AllBatches {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;

  private static final Comparator<Listed> NEWEST_FIRST =
      Comparator.comparingLong((Listed listed) -> listed.place().createdAtMillis())
          .reversed()
          .thenComparing(listed -> listed.place().batch());

  private final JobView view;
  private final Peers peers;

  AllBatches(JobView view, Peers peers) {
    this.view = view;
    this.peers = peers;
  }

  /**
   * A batch as the API shows it.
   *
   * @param json the batch object
   */
  record Listed(Place place, byte[] json) {

    private static Listed of(Batch batch) {
      return new Listed(Place.of(batch.terms()), BatchJson.bytes(batch));
    }

    /** As another instance shows it. */
    private static Listed of(JsonNode batch) {
      return new Listed(
          new Place(
              batch.path("penstock").path("created_at_ms").asLong(), batch.path("id").textValue()),
          batch.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  /** A batch of the caller's organisation; null when it has none of this id. */
  @Nullable Listed find(Caller caller, ServerRequest request, String id)
      throws InterruptedException {
    try {
      var batch = reading(() -> view.find(id));
      return batch == null || !batch.terms().organization().equals(caller.organization())
          ? null
          : Listed.of(batch);
    } catch (Elsewhere e) {
      var answer = ask(e.owner(), request, "/v1/batches/" + id);
      return answer.statusCode() == NOT_FOUND ? null : Listed.of(parse(good(answer)));
    }
  }

  /**
   * The caller's batches on all instances, newest first; those of this one when another asks.
   *
   * @param limit batches at most
   */
  List<Listed> newest(Caller caller, ServerRequest request, @Nullable Place after, int limit)
      throws InterruptedException {
    var found = new ArrayList<Listed>();
    for (var batch : reading(() -> view.list(caller.organization(), after, limit))) {
      found.add(Listed.of(batch));
    }
    if (!Peers.asks(request)) {
      var target = "/v1/batches?limit=" + limit;
      if (after != null) {
        target += "&after=" + after.batch() + "&after_ms=" + after.createdAtMillis();
      }
      for (var peer : reading(view::peers)) {
        parse(good(ask(peer, request, target)))
            .path("data")
            .forEach(batch -> found.add(Listed.of(batch)));
      }
      found.sort(NEWEST_FIRST);
    }
    return found.subList(0, Math.min(limit, found.size()));
  }

  /** Lets the instance that has the batch handle what is asked of it. */
  SecuredHandler atOwner(SecuredHandler handler) {
    return (caller, request, response) -> {
      try {
        handler.handle(caller, request, response);
      } catch (Elsewhere e) {
        passOn(e.owner(), request, response);
      }
    };
  }

  private void passOn(HostInfo owner, ServerRequest request, ServerResponse response)
      throws InterruptedException {
    Peers.answer(response, asking(request, () -> peers.ask(owner, request)));
  }

  private HttpResponse<byte[]> ask(HostInfo peer, ServerRequest request, String target)
      throws InterruptedException {
    return asking(request, () -> peers.ask(peer, request, "GET", target));
  }

  /** One hop far: who was asked by another instance asks nobody. */
  private static HttpResponse<byte[]> asking(ServerRequest request, Question question)
      throws InterruptedException {
    if (Peers.asks(request)) {
      throw notReady();
    }
    try {
      return question.ask();
    } catch (SilentException e) {
      throw notReady();
    }
  }

  private interface Question {
    HttpResponse<byte[]> ask() throws SilentException, InterruptedException;
  }

  private static byte[] good(HttpResponse<byte[]> answer) {
    if (answer.statusCode() != OK) {
      throw notReady();
    }
    return answer.body();
  }

  private static JsonNode parse(byte[] json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw notReady();
    }
  }

  /** What is answered while batches move from one instance to another. */
  static ApiException notReady() {
    return new ApiException(
        ErrorCode.NOT_READY, null, "Batches are being brought up to date; ask again.");
  }

  /** Reads the view; that another instance has the batch is left to the caller. */
  static <T extends @Nullable Object> T reading(Reading<T> reading) {
    try {
      return reading.read();
    } catch (Elsewhere e) {
      throw e;
    } catch (NotReady e) {
      throw notReady();
    }
  }

  /** Reads the view. */
  interface Reading<T extends @Nullable Object> {
    T read() throws NotReady;
  }
}
