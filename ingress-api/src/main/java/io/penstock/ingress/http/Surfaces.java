package io.penstock.ingress.http;

import io.helidon.webserver.http.HttpRouting;
import io.penstock.ingress.IngressConfig;
import io.penstock.platform.Platform;
import io.penstock.schemas.avro.Surface;
import java.time.Clock;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;

/** The synchronous surfaces and the list of models, with the reader of replies behind them. */
public final class Surfaces implements AutoCloseable {

  private final OpenRequests open;
  private final Replies replies;
  private final Inference inference;
  private final Models models;

  private Surfaces(OpenRequests open, Replies replies, Inference inference, Models models) {
    this.open = open;
    this.replies = replies;
    this.inference = inference;
    this.models = models;
  }

  /** Starts reading replies; on return requests may be accepted. */
  public static Surfaces start(
      Platform platform,
      IngressConfig config,
      Producer<String, SpecificRecord> producer,
      Clock clock) {
    var waiters = new Waiters();
    var open = new OpenRequests(config.requestsOpenMax(), config.requestsOpenBytesMax());
    var replies = Replies.start(platform.kafka(), platform.node(), platform.instance(), waiters);
    var inference =
        new Inference(
            platform.catalog()::snapshot,
            producer,
            platform.kafka().topics(),
            replies.address(),
            waiters,
            open,
            platform.blobs(),
            clock,
            config.bodyBytesMax(),
            config.deadline());
    platform.metrics().gauge("penstock.accept.requests.open", open, OpenRequests::count);
    return new Surfaces(open, replies, inference, new Models(platform.catalog()::snapshot));
  }

  /** Adds the routes. */
  public void routes(HttpRouting.Builder routing, Routes routes) {
    routing.post("/v1/chat/completions", routes.secured(inference.on(Surface.OPENAI_CHAT)));
    routing.post("/v1/embeddings", routes.secured(inference.on(Surface.OPENAI_EMBEDDINGS)));
    routing.get("/v1/models", routes.secured(models::list));
    routing.get("/v1/models/*", routes.secured(models::one));
    routing.any("/v1/chat/completions", routes.methodNotAllowed("POST"));
    routing.any("/v1/embeddings", routes.methodNotAllowed("POST"));
    routing.any("/v1/models", routes.methodNotAllowed("GET"));
    routing.any("/v1/models/*", routes.methodNotAllowed("GET"));
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
    replies.close();
  }
}
