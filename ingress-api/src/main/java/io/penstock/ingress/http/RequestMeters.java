package io.penstock.ingress.http;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Counts and times what callers ask, by surface and class of status. Both are closed lists: a path
 * that nobody serves is {@code other}, so that callers cannot make meters. Thread-safe.
 */
final class RequestMeters {

  private static final String REQUESTS = "penstock.accept.requests";

  /** Surfaces by how their paths begin; the first that fits. */
  private enum Kind {
    CHAT("/v1/chat/completions"),
    RESPONSES("/v1/responses"),
    MESSAGE_BATCHES("/v1/messages/batches"),
    MESSAGES("/v1/messages"),
    EMBEDDINGS("/v1/embeddings"),
    MODELS("/v1/models"),
    FILES("/v1/files"),
    BATCHES("/v1/batches"),
    ADMIN("/v1/admin"),
    OTHER("");

    private final String beginning;

    Kind(String beginning) {
      this.beginning = beginning;
    }

    static Kind of(String path) {
      for (var kind : List.of(values())) {
        if (path.startsWith(kind.beginning)) {
          return kind;
        }
      }
      return OTHER;
    }
  }

  private final MeterRegistry registry;

  RequestMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * An exchange has ended.
   *
   * @param status that was answered; 0 when the caller has gone before
   * @param took until the last byte was written
   */
  void ended(String path, int status, Duration took) {
    registry
        .timer(
            REQUESTS,
            "surface",
            Kind.of(path).name().toLowerCase(Locale.ROOT),
            "status",
            status == 0 ? "gone" : status / 100 + "xx")
        .record(took);
  }
}
