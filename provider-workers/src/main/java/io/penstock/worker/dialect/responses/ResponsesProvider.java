package io.penstock.worker.dialect.responses;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.ProviderDialect;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.openai.RequestSplice;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's responses, for callers who speak them themselves: bodies pass through. Whoever else
 * calls such a provider is served by its chat completions.
 */
public final class ResponsesProvider implements ProviderDialect {

  private final ProviderDialect provider;
  private final Function<Endpoint, String> path;

  /**
   * The responses of a provider.
   *
   * @param provider how it is spoken to otherwise
   * @param path where its responses are
   */
  public ResponsesProvider(ProviderDialect provider, Function<Endpoint, String> path) {
    this.provider = provider;
    this.path = path;
  }

  @Override
  public String name() {
    return provider.name();
  }

  @Override
  public boolean speaks(Surface surface) {
    return surface == Surface.OPENAI_RESPONSES;
  }

  @Override
  public String path(Surface surface, String upstreamModel, boolean stream, Endpoint endpoint) {
    return path.apply(endpoint);
  }

  @Override
  public Map<String, String> headers(@Nullable String credential) {
    return provider.headers(credential);
  }

  @Override
  public byte[] passThrough(CallAssigned call, byte[] body, Endpoint endpoint) {
    return RequestSplice.splice(
        Sealed.removedFrom(body),
        call.getUpstreamModel(),
        "max_output_tokens",
        call.getOutputTokensLimit());
  }

  @Override
  public byte[] request(
      CallAssigned call, Prompt prompt, Endpoint endpoint, Unsupported unsupported) {
    throw new UnsupportedCallException("responses are not made from another language");
  }

  @Override
  public Read read(CallAssigned call, byte[] body, Instant now) {
    return ResponsesReader.read(call, body, now);
  }

  @Override
  public StreamReader stream(CallAssigned call) {
    return new EventReader(call);
  }

  @Override
  public Reading.Failed readError(int status, Headers headers, byte[] body, Instant now) {
    return provider.readError(status, headers, body, now);
  }

  @Override
  public @Nullable String providerRequestId(Headers headers) {
    return provider.providerRequestId(headers);
  }
}
