package io.penstock.worker.dialect;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.canonical.Prompt.OutputFormat;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Caller and provider speak the same language: bytes pass, and are read on the side. */
final class PassedExchange implements Exchange {

  private final CallAssigned call;
  private final byte[] request;
  private final ProviderDialect provider;
  private final Outgoing outgoing;

  PassedExchange(
      CallAssigned call,
      byte[] request,
      ProviderDialect provider,
      ProviderDialect.Endpoint endpoint) {
    this.call = call;
    this.request = request;
    this.provider = provider;
    var stream = call.getFacts().getStream() && call.getSurface() != Surface.OPENAI_EMBEDDINGS;
    this.outgoing =
        new Outgoing(
            provider.path(call.getSurface(), call.getUpstreamModel(), stream, endpoint),
            provider.headers(null),
            provider.passThrough(call, request, endpoint),
            stream,
            List.of());
  }

  @Override
  public Outgoing outgoing() {
    return outgoing;
  }

  @Override
  public Reading read(byte[] body, Instant now) {
    var reading = provider.readPassed(call, request, body, now);
    if (!(reading instanceof Reading.Usable usable)
        || call.getSurface() == Surface.OPENAI_EMBEDDINGS
        || !conversation().judges()) {
      return reading;
    }
    var failure = judged(body, now);
    return failure == null ? usable : new Reading.Failed(failure, usable.usage());
  }

  private @Nullable Failure judged(byte[] body, Instant now) {
    return switch (provider.read(call, body, now)) {
      case Read.Failed(var failure, _) -> failure;
      case Read.Answered(var answer) -> conversation().judge(answer);
    };
  }

  private Conversation conversation() {
    return new Conversation(
        call, CallerDialects.of(call.getSurface()), provider, this::promisedFormat);
  }

  /** A request that only its own provider understands promised nothing that we could judge. */
  private OutputFormat promisedFormat() {
    try {
      return CallerDialects.of(call.getSurface()).prompt(request).format();
    } catch (UnsupportedCallException _) {
      return new OutputFormat.Text();
    }
  }

  @Override
  public StreamExchange stream(Instant now) {
    return new Relay(conversation(), new PassedOutlet(call.getSurface(), request, now), now);
  }

  @Override
  public Reading.Failed readError(int status, Headers headers, byte[] body, Instant now) {
    return provider.readError(status, headers, body, now);
  }

  @Override
  public TokenUsage estimate(long outputBytes) {
    return UsageEstimate.of(call.getFacts(), outputBytes == 0 ? null : (Long) outputBytes, null);
  }

  @Override
  public @Nullable String providerRequestId(Headers headers) {
    return provider.providerRequestId(headers);
  }
}
