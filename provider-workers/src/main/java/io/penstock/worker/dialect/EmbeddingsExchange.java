package io.penstock.worker.dialect;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.ProviderDialect.Embeddings;
import io.penstock.worker.dialect.ProviderDialect.Embeddings.Vectors;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Embeddings by a provider that does not speak OpenAI's surface for them. */
final class EmbeddingsExchange implements Exchange {

  private final CallAssigned call;
  private final byte[] request;
  private final ProviderDialect provider;
  private final Embeddings embeddings;
  private final Outgoing outgoing;

  EmbeddingsExchange(
      CallAssigned call,
      byte[] request,
      ProviderDialect provider,
      Embeddings embeddings,
      ProviderDialect.Endpoint endpoint) {
    this.call = call;
    this.request = request;
    this.provider = provider;
    this.embeddings = embeddings;
    var unsupported = new UnsupportedPolicy(call.getPolicy(), provider.name());
    var body = embeddings.request(call, request, unsupported);
    this.outgoing =
        new Outgoing(
            provider.path(call.getSurface(), call.getUpstreamModel(), false, endpoint),
            provider.headers(null),
            body,
            false,
            unsupported.warnings());
  }

  @Override
  public Outgoing outgoing() {
    return outgoing;
  }

  @Override
  public Reading read(byte[] body, Instant now) {
    return switch (embeddings.read(call, request, body)) {
      case Vectors.Made(var answer, var usage) -> new Reading.Usable(usage, null, answer);
      case Vectors.Failed(var failure, var usage) -> new Reading.Failed(failure, usage);
    };
  }

  @Override
  public StreamExchange stream(Instant now) {
    throw new IllegalStateException("vectors do not come as a stream");
  }

  @Override
  public Reading.Failed readError(int status, Headers headers, byte[] body, Instant now) {
    return provider.readError(status, headers, body, now);
  }

  @Override
  public TokenUsage estimate(long outputBytes) {
    return UsageEstimate.of(call.getFacts(), null, null);
  }

  @Override
  public @Nullable String providerRequestId(Headers headers) {
    return provider.providerRequestId(headers);
  }
}
