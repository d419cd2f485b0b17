package io.penstock.ingress.http;

import io.penstock.ingress.accept.Caller;
import io.penstock.ingress.accept.ParsedBody;
import io.penstock.platform.blob.Payloads;
import io.penstock.schemas.avro.RoutePreferences;
import io.penstock.schemas.avro.Surface;
import org.jspecify.annotations.Nullable;

/**
 * A request that was found good, before it is written to the log.
 *
 * @param preferences of body and headers together; null when there are none
 * @param body as it is to reach the provider
 * @param key null when the caller gave none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Wanted(
    String requestId,
    Surface surface,
    Caller caller,
    ParsedBody parsed,
    @Nullable RoutePreferences preferences,
    byte[] body,
    @Nullable IdempotencyKey key) {

  /**
   * Whether the caller may come back for the answer: then nothing that happens to the connection
   * ends the request.
   */
  boolean repeatable() {
    return key != null;
  }

  /** Key of the body in the blob store, should it be too large for the log. */
  String bodyKey() {
    return Payloads.BODIES + caller.organization() + "/" + requestId;
  }
}
