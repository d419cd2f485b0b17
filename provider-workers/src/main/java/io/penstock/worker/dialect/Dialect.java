package io.penstock.worker.dialect;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a provider is spoken to. Implementations are pure and thread-safe: bytes in, bytes out, no
 * clock.
 */
public interface Dialect {

  /**
   * The path below the pool's base address, with a leading slash.
   *
   * @throws UnsupportedCallException when the dialect has no such surface
   */
  String path(Surface surface);

  /** Headers that carry a credential; empty for none. */
  Map<String, String> credentialHeaders(@Nullable String credential);

  /**
   * The body for the provider.
   *
   * @param body the caller's
   * @param host the provider's host name: some fields are named differently at some
   * @throws UnsupportedCallException when the caller's body cannot be turned into one
   */
  byte[] request(CallAssigned call, byte[] body, String host);

  /** Reads a whole answer with status 200. */
  Reading read(CallAssigned call, byte[] body);

  /** Reads an answer with any other status. */
  Reading.Failed readError(int status, Headers headers, byte[] body, Instant now);

  /**
   * Reads what arrived of an answer that broke off.
   *
   * @param part what arrived of the body of a 200; empty when nothing did
   * @return usage that the provider may bill
   */
  io.penstock.schemas.avro.TokenUsage estimate(CallAssigned call, byte[] part);

  /** The provider's id of an answer; null when it gave none. */
  @Nullable String providerRequestId(Headers headers);
}
