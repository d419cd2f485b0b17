package io.penstock.worker.engine;

import io.penstock.platform.config.Secret;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.worker.dialect.Dialect;
import io.penstock.worker.dialect.Dialects;
import io.penstock.worker.http.Timeouts;
import io.penstock.worker.limit.PoolLimits;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a pool engine needs of its catalogue entry.
 *
 * @param dialect absent when this version does not know it: then every call fails
 * @param base address that paths are put behind, without a trailing slash
 * @param credential absent for servers without one
 */
record PoolSettings(
    String name,
    @Nullable Dialect dialect,
    URI base,
    @Nullable Secret credential,
    PoolLimits limits,
    Timeouts timeouts) {

  /**
   * Reads an entry.
   *
   * @throws IllegalArgumentException when its address or its credential is not one
   */
  static PoolSettings of(PoolEntry entry) {
    var base = entry.getBaseUrl();
    var credential = entry.getCredential();
    return new PoolSettings(
        entry.getName(),
        Dialects.named(entry.getDialect()),
        URI.create(base.endsWith("/") ? base.substring(0, base.length() - 1) : base),
        credential == null ? null : new Secret(credential),
        new PoolLimits(
            entry.getRequestsPerMinute(), entry.getTokensPerMinute(), entry.getConcurrencyMax()),
        new Timeouts(
            Duration.ofMillis(entry.getConnectTimeoutMs()),
            Duration.ofMillis(entry.getFirstByteTimeoutMs()),
            Duration.ofMillis(entry.getIdleTimeoutMs()),
            Duration.ofMillis(entry.getTotalTimeoutMs())));
  }

  String host() {
    var host = base.getHost();
    return host == null ? "" : host;
  }
}
