package io.penstock.ingress.http;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.IngressConfig;
import io.penstock.ingress.accept.Caller;
import io.penstock.platform.Platform;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.Surface;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;

/**
 * The surfaces whose callers wait and the list of models, with the reader of replies behind them.
 */
public final class Surfaces implements AutoCloseable {

  private static final Map<String, Surface> PATHS =
      Map.of(
          "/v1/chat/completions", Surface.OPENAI_CHAT,
          "/v1/responses", Surface.OPENAI_RESPONSES,
          "/v1/messages", Surface.ANTHROPIC_MESSAGES,
          "/v1/embeddings", Surface.OPENAI_EMBEDDINGS);

  /**
   * Where clients of other gateways and of Azure look for the same: a base URL without a version,
   * and Azure's client library, which names its deployment in the path and in the body.
   */
  private static final Map<String, Surface> OTHER_PATHS =
      Map.of(
          "/chat/completions", Surface.OPENAI_CHAT,
          "/responses", Surface.OPENAI_RESPONSES,
          "/embeddings", Surface.OPENAI_EMBEDDINGS,
          "/openai/deployments/{deployment}/chat/completions", Surface.OPENAI_CHAT,
          "/openai/deployments/{deployment}/embeddings", Surface.OPENAI_EMBEDDINGS,
          "/openai/v1/chat/completions", Surface.OPENAI_CHAT,
          "/openai/v1/responses", Surface.OPENAI_RESPONSES,
          "/openai/v1/embeddings", Surface.OPENAI_EMBEDDINGS);

  private static final String COUNT_TOKENS = "/v1/messages/count_tokens";

  private final OpenRequests open;
  private final Replies replies;
  private final StreamAnswers streams;
  private final Inference inference;
  private final Models models;

  private Surfaces(
      OpenRequests open,
      Replies replies,
      StreamAnswers streams,
      Inference inference,
      Models models) {
    this.open = open;
    this.replies = replies;
    this.streams = streams;
    this.inference = inference;
    this.models = models;
  }

  /** Starts reading replies; on return requests may be accepted. */
  public static Surfaces start(
      Platform platform,
      IngressConfig config,
      Producer<String, SpecificRecord> producer,
      DiskReserve disk,
      Clock clock) {
    var waiters = new Waiters();
    var open = new OpenRequests(config.requestsOpenMax(), config.requestsOpenBytesMax());
    var replies = Replies.start(platform.kafka(), platform.node(), platform.instance(), waiters);
    var log = new RequestLog(producer, platform.kafka().topics(), replies.address(), clock);
    var whole = new WholeAnswers(log, waiters, platform.blobs());
    var streams = new StreamAnswers(log, waiters, whole, platform.blobs(), config.streams());
    var inference =
        new Inference(
            platform.catalog()::snapshot,
            open,
            disk,
            whole,
            streams,
            config.bodyBytesMax(),
            config.deadline());
    platform.metrics().gauge("penstock.accept.requests.open", open, OpenRequests::count);
    platform
        .metrics()
        .gauge("penstock.accept.streams.waiting.bytes", streams, StreamAnswers::waitingBytes);
    return new Surfaces(
        open, replies, streams, inference, new Models(platform.catalog()::snapshot));
  }

  /** Adds the routes. */
  public void routes(HttpRouting.Builder routing, Routes routes) {
    for (var paths : List.of(PATHS, OTHER_PATHS)) {
      for (var surface : paths.entrySet()) {
        routing.post(surface.getKey(), routes.secured(inference.on(surface.getValue())));
        routing.any(surface.getKey(), routes.methodNotAllowed("POST"));
      }
    }
    refuseCounts(routing, routes);
    routing.get("/models", routes.secured(models::list));
    routing.get("/v1/models", routes.secured(models::list));
    routing.get("/v1/models/*", routes.secured(models::one));
    routing.any("/v1/models", routes.methodNotAllowed("GET"));
    routing.any("/v1/models/*", routes.methodNotAllowed("GET"));
  }

  /**
   * Clients that would like to know how long a prompt is go by their own estimate when they hear
   * that there is no count; one of ours would look like the provider's.
   */
  static void refuseCounts(HttpRouting.Builder routing, Routes routes) {
    routing.post(COUNT_TOKENS, routes.secured(Surfaces::uncounted));
    routing.any(COUNT_TOKENS, routes.methodNotAllowed("POST"));
  }

  private static void uncounted(Caller caller, ServerRequest request, ServerResponse response) {
    throw new ApiException(
        ErrorCode.NOT_FOUND,
        "Tokens are not counted ahead of a call: estimate them; the usage of the answer says how"
            + " many they were.");
  }

  /** The requests that wait. */
  public OpenRequests open() {
    return open;
  }

  /** Whether replies are being read. */
  public boolean ready() {
    return replies.running();
  }

  @Override
  public void close() {
    streams.close();
    replies.close();
  }
}
