package io.penstock.worker.dialect;

import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Passes the provider's events on byte for byte; only what is missing at the end is added, and a
 * count of tokens left out that nobody asked for.
 */
final class PassedOutlet implements Outlet {

  private static final byte[] NOTHING = {};

  private final Surface surface;
  private final boolean usageAsked;
  private final Instant at;
  private int events;
  private String id = "";
  private String model = "";
  private byte @Nullable [] endMark;

  /**
   * Makes one.
   *
   * @param body the caller's JSON
   * @param at when the answer began
   */
  PassedOutlet(Surface surface, byte[] body, Instant at) {
    this.surface = surface;
    this.usageAsked = UsageQuestion.asked(surface, body);
    this.at = at;
  }

  @Override
  public byte[] write(byte[] raw, List<StreamEvent> fresh) {
    var end = false;
    for (var step : fresh) {
      switch (step) {
        case StreamEvent.Started started -> {
          id = started.id();
          model = started.model();
        }
        case StreamEvent.Broken _ -> {
          return NOTHING;
        }
        case StreamEvent.Ended _ -> end = true;
        default -> {}
      }
    }
    if (end) {
      endMark = raw;
      return NOTHING;
    }
    if (!usageAsked && onlyCounts(fresh) && UsageQuestion.onlyAnswers(raw)) {
      return NOTHING;
    }
    events++;
    return raw;
  }

  /** Whether the caller is told the usage. */
  boolean usageAsked() {
    return usageAsked;
  }

  private static boolean onlyCounts(List<StreamEvent> fresh) {
    return fresh.size() == 1 && fresh.getFirst() instanceof StreamEvent.Used;
  }

  @Override
  public byte[] end(TokenUsage usage, boolean told) {
    if (surface == Surface.OPENAI_CHAT && usageAsked && !told) {
      var start = new CallerDialect.StreamStart(id, model, at, Math.max(1, events), "");
      var writer = new TranslatedOutlet(CallerDialects.of(surface).stream(start), true);
      return writer.end(usage, false);
    }
    return endMark == null ? missingEnd() : endMark;
  }

  /** Some servers stop after their last word; the caller's client waits for the mark. */
  private byte[] missingEnd() {
    return switch (surface) {
      case OPENAI_CHAT -> ascii("data: [DONE]\n\n");
      case ANTHROPIC_MESSAGES ->
          ascii("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
      case OPENAI_RESPONSES, OPENAI_EMBEDDINGS, UNKNOWN -> NOTHING;
    };
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public int events() {
    return events;
  }

  @Override
  public String answerId() {
    return id;
  }

  @Override
  public String model() {
    return model;
  }
}
