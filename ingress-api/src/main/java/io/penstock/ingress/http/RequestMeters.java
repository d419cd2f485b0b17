package io.penstock.ingress.http;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

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

    /** What other gateways' and Azure's clients write for {@code /v1}. */
    private static final Pattern OTHER_BASES =
        Pattern.compile(
            "^(/openai/v1/|/openai/deployments/[^/]+/|/(?=chat/completions|responses|embeddings|models))");

    private final String beginning;

    Kind(String beginning) {
      this.beginning = beginning;
    }

    static Kind of(String path) {
      var known = OTHER_BASES.matcher(path).replaceFirst("/v1/");
      for (var kind : List.of(values())) {
        if (known.startsWith(kind.beginning)) {
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
