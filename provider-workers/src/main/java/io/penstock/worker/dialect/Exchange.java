package io.penstock.worker.dialect;

import io.penstock.schemas.avro.TokenUsage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call between the language of its caller and that of its provider, which may be the same.
 * Pure; used by one thread at a time.
 */
public interface Exchange {

  /** What is sent. */
  Outgoing outgoing();

  /** Reads a whole answer with status 200. */
  Reading read(byte[] body, Instant now);

  /** Reads an answer with status 200 that comes as a stream; to be called once. */
  StreamExchange stream(Instant now);

  /** Reads an answer with any other status. */
  Reading.Failed readError(int status, Headers headers, byte[] body, Instant now);

  /**
   * Usage that the provider may bill for an answer that broke off.
   *
   * @param outputBytes bytes that arrived; 0 when nothing did
   */
  TokenUsage estimate(long outputBytes);

  /** The provider's id of an answer; null when it gave none. */
  @Nullable String providerRequestId(Headers headers);

  /**
   * What is sent.
   *
   * @param path behind the pool's base address, with a leading slash
   * @param headers the credential is not among them
   * @param warnings parameters that were left out
   */
  record Outgoing(
      String path,
      Map<String, String> headers,
      byte[] body,
      boolean stream,
      List<String> warnings) {}
}
