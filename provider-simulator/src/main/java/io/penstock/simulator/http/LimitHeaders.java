package io.penstock.simulator.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.penstock.simulator.calls.Surface;
import io.penstock.simulator.limit.Admission;
import io.penstock.simulator.limit.GoDuration;
import io.penstock.simulator.limit.LimitState;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** What each provider says about limits in the headers of its answers. */
final class LimitHeaders {
  /** How an error says when to come back. */
  enum Hint {
    BOTH,
    SECONDS,
    DATE,
    MILLIS,
    NONE
  }

  /** Names of one limit. */
  private record Anthropic(HeaderName limit, HeaderName remaining, HeaderName reset) {
    static Anthropic of(String kind) {
      var prefix = "anthropic-ratelimit-" + kind + "-";
      return new Anthropic(
          HeaderNames.create(prefix + "limit"),
          HeaderNames.create(prefix + "remaining"),
          HeaderNames.create(prefix + "reset"));
    }
  }

  private static final Anthropic REQUESTS = Anthropic.of("requests");
  private static final List<Anthropic> TOKENS =
      List.of(Anthropic.of("tokens"), Anthropic.of("input-tokens"), Anthropic.of("output-tokens"));
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private LimitHeaders() {}

  static void write(Exchange exchange, Surface surface, Admission admission) {
    switch (surface) {
      case GEMINI, GEMINI_EMBEDDINGS -> {
        // Gemini says nothing.
      }
      case ANTHROPIC -> {
        admission.requests().ifPresent(state -> anthropic(exchange, REQUESTS, state));
        admission
            .tokens()
            .ifPresent(state -> TOKENS.forEach(names -> anthropic(exchange, names, state)));
      }
      case OPENAI_CHAT, OPENAI_RESPONSES, OPENAI_EMBEDDINGS, AZURE_CHAT, AZURE_EMBEDDINGS -> {
        admission
            .requests()
            .ifPresent(
                state ->
                    openAi(
                        exchange,
                        state,
                        Names.LIMIT_REQUESTS,
                        Names.REMAINING_REQUESTS,
                        Names.RESET_REQUESTS));
        admission
            .tokens()
            .ifPresent(
                state ->
                    openAi(
                        exchange,
                        state,
                        Names.LIMIT_TOKENS,
                        Names.REMAINING_TOKENS,
                        Names.RESET_TOKENS));
      }
    }
  }

  /** The form in which a provider that keeps its own limits gives the hint. */
  static Hint usual(Surface surface) {
    return switch (surface) {
      case GEMINI, GEMINI_EMBEDDINGS -> Hint.NONE;
      case ANTHROPIC -> Hint.SECONDS;
      case OPENAI_CHAT, OPENAI_RESPONSES, OPENAI_EMBEDDINGS, AZURE_CHAT, AZURE_EMBEDDINGS ->
          Hint.BOTH;
    };
  }

  /** Seconds are whole and rounded up, as HTTP wants them. */
  static void retryAfter(Exchange exchange, Hint hint, Duration wait) {
    long millis = Math.max(1, Math.ceilDiv(wait.toNanos(), 1_000_000L));
    switch (hint) {
      case BOTH -> {
        exchange.header(Names.RETRY_AFTER, String.valueOf(Math.ceilDiv(millis, 1_000L)));
        exchange.header(Names.RETRY_AFTER_MILLIS, String.valueOf(millis));
      }
      case SECONDS ->
          exchange.header(Names.RETRY_AFTER, String.valueOf(Math.ceilDiv(millis, 1_000L)));
      case DATE ->
          exchange.header(
              Names.RETRY_AFTER,
              HTTP_DATE.format(
                  Instant.now().plusMillis(millis + 999).truncatedTo(ChronoUnit.SECONDS)));
      case MILLIS -> exchange.header(Names.RETRY_AFTER_MILLIS, String.valueOf(millis));
      case NONE -> {
        // Not a word.
      }
    }
  }

  private static void openAi(
      Exchange exchange,
      LimitState state,
      HeaderName limitName,
      HeaderName remainingName,
      HeaderName resetName) {
    exchange.header(limitName, String.valueOf(state.perMinute()));
    exchange.header(remainingName, String.valueOf(state.remaining()));
    exchange.header(resetName, GoDuration.format(state.resetNanos()));
  }

  private static void anthropic(Exchange exchange, Anthropic names, LimitState state) {
    var full = Instant.now().plusNanos(state.resetNanos()).plusMillis(999);
    exchange.header(names.limit(), String.valueOf(state.perMinute()));
    exchange.header(names.remaining(), String.valueOf(state.remaining()));
    exchange.header(names.reset(), full.truncatedTo(ChronoUnit.SECONDS).toString());
  }
}
