package io.penstock.worker.engine;

import io.penstock.platform.config.Secret;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallPolicy;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.worker.dialect.Exchange;
import io.penstock.worker.dialect.Exchanges;
import io.penstock.worker.dialect.ProviderDialect;
import io.penstock.worker.dialect.ProviderDialects;
import io.penstock.worker.http.Timeouts;
import io.penstock.worker.limit.CredentialLimits;
import io.penstock.worker.limit.PerMinute;
import io.penstock.worker.limit.PoolLimits;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pool engine needs of its catalogue entry.
 *
 * @param dialect absent when this version does not know it: then every call fails
 * @param base address that paths are put behind, without a trailing slash
 * @param apiVersion Azure's; absent for its surface without one, and everywhere else
 * @param further headers of every call, besides those of the dialect
 * @param secrets of the credentials, by their names; empty for servers without one
 */
record PoolSettings(
    String name,
    @Nullable ProviderDialect dialect,
    URI base,
    @Nullable String apiVersion,
    Map<String, String> further,
    Map<String, Secret> secrets,
    PoolLimits limits,
    Timeouts timeouts) {

  /**
   * Reads an entry.
   *
   * @throws IllegalArgumentException when its address or a credential is not one, or two
   *     credentials have the same name
   */
  static PoolSettings of(PoolEntry entry) {
    var base = entry.getBaseUrl();
    return new PoolSettings(
        entry.getName(),
        ProviderDialects.named(entry.getDialect()),
        URI.create(base.endsWith("/") ? base.substring(0, base.length() - 1) : base),
        entry.getApiVersion(),
        Map.copyOf(entry.getHeaders()),
        secrets(entry),
        limits(entry),
        new Timeouts(
            Duration.ofMillis(entry.getConnectTimeoutMs()),
            Duration.ofMillis(entry.getFirstByteTimeoutMs()),
            Duration.ofMillis(entry.getIdleTimeoutMs()),
            Duration.ofMillis(entry.getTotalTimeoutMs())));
  }

  private static Map<String, Secret> secrets(PoolEntry entry) {
    var secrets = new HashMap<String, Secret>();
    entry
        .getCredentials()
        .forEach(each -> secrets.put(each.getName(), new Secret(each.getReference())));
    var only = entry.getCredential();
    if (secrets.isEmpty() && only != null) {
      secrets.put(PoolLimits.ONLY, new Secret(only));
    }
    return Map.copyOf(secrets);
  }

  /** With several credentials, the pool's own limits are those of all of them together. */
  private static PoolLimits limits(PoolEntry entry) {
    var models = modelLimits(entry);
    var ofPool = new PerMinute(entry.getRequestsPerMinute(), entry.getTokensPerMinute());
    if (entry.getCredentials().isEmpty()) {
      return new PoolLimits(
          List.of(new CredentialLimits(PoolLimits.ONLY, ofPool, models)),
          PerMinute.UNKNOWN,
          entry.getConcurrencyMax());
    }
    return new PoolLimits(
        entry.getCredentials().stream()
            .map(
                each ->
                    new CredentialLimits(
                        each.getName(),
                        new PerMinute(each.getRequestsPerMinute(), each.getTokensPerMinute()),
                        models))
            .toList(),
        ofPool,
        entry.getConcurrencyMax());
  }

  private static Map<String, PerMinute> modelLimits(PoolEntry entry) {
    var limits = new HashMap<String, PerMinute>();
    for (var each : entry.getModelLimits()) {
      limits.put(
          each.getUpstreamModel(),
          new PerMinute(each.getRequestsPerMinute(), each.getTokensPerMinute()));
    }
    return limits;
  }

  /** A call between its caller's language and this pool's; null when its dialect is not known. */
  @Nullable Exchange exchange(CallAssigned call, byte[] body) {
    return dialect == null
        ? null
        : Exchanges.of(call, body, dialect, new ProviderDialect.Endpoint(host(), apiVersion));
  }

  /** Headers of every call; what the catalogue adds never takes the place of the dialect's. */
  Map<String, String> headers(@Nullable String value) {
    var headers = new HashMap<String, String>();
    further.forEach((name, text) -> headers.put(name.toLowerCase(Locale.ROOT), text));
    if (dialect != null) {
      headers.putAll(dialect.headers(value));
    }
    return headers;
  }

  /** The pool's time limits, but for those that the route has of its own. */
  Timeouts timeouts(@Nullable CallPolicy policy) {
    return policy == null
        ? timeouts
        : new Timeouts(
            timeouts.connect(),
            limit(policy.getFirstByteTimeoutMs(), timeouts.firstByte()),
            limit(policy.getIdleTimeoutMs(), timeouts.idle()),
            limit(policy.getTotalTimeoutMs(), timeouts.total()));
  }

  private static Duration limit(@Nullable Long millis, Duration otherwise) {
    return millis == null ? otherwise : Duration.ofMillis(millis);
  }

  String host() {
    var host = base.getHost();
    return host == null ? "" : host;
  }
}
