package io.penstock.worker.dialect;

import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.anthropic.MessagesCaller;
import io.penstock.worker.dialect.openai.ChatCaller;
import io.penstock.worker.dialect.responses.ResponsesCaller;
import java.util.Locale;

/** The languages of callers, by the surface on which they call. */
public final class CallerDialects {

  private static final CallerDialect CHAT = new ChatCaller();
  private static final CallerDialect MESSAGES = new MessagesCaller();
  private static final CallerDialect RESPONSES = new ResponsesCaller();

  private CallerDialects() {}

  /**
   * The language of a surface.
   *
   * @throws UnsupportedCallException when the surface has none that can be translated
   */
  public static CallerDialect of(Surface surface) {
    return switch (surface) {
      case OPENAI_CHAT -> CHAT;
      case ANTHROPIC_MESSAGES -> MESSAGES;
      case OPENAI_RESPONSES -> RESPONSES;
      case OPENAI_EMBEDDINGS, UNKNOWN ->
          throw new UnsupportedCallException(
              "this pool does not speak " + surface.name().toLowerCase(Locale.ROOT));
    };
  }
}
