package io.penstock.worker.dialect;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;

/** How calls are made: passed through where both sides speak the same, else translated. */
public final class Exchanges {

  private Exchanges() {}

  /**
   * The exchange of a call.
   *
   * @param body the caller's JSON
   * @param endpoint what the pool's catalogue entry says of the provider
   * @throws UnsupportedCallException when the call cannot be made with this provider
   */
  public static Exchange of(
      CallAssigned call, byte[] body, ProviderDialect provider, ProviderDialect.Endpoint endpoint) {
    var speaking =
        call.getContinuation() == null ? provider.speaking(call.getSurface(), endpoint) : null;
    if (speaking != null) {
      return new PassedExchange(call, body, speaking, endpoint);
    }
    if (call.getSurface() == Surface.OPENAI_EMBEDDINGS) {
      var embeddings = provider.embeddings();
      if (embeddings == null) {
        throw new UnsupportedCallException("this pool makes no embeddings");
      }
      return new EmbeddingsExchange(call, body, provider, embeddings, endpoint);
    }
    return TranslatedExchange.of(call, body, provider, endpoint);
  }
}
