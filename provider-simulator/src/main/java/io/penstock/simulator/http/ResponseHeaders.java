package io.penstock.simulator.http;

import io.penstock.simulator.calls.Surface;

/** The headers by which providers tell their calls apart. */
final class ResponseHeaders {
  private ResponseHeaders() {}

  static void identify(Exchange exchange, Surface surface, String requestId) {
    switch (surface) {
      case OPENAI_CHAT, OPENAI_RESPONSES, OPENAI_EMBEDDINGS -> {
        exchange.header(Names.REQUEST_ID, requestId);
        exchange.header(Names.VERSION);
      }
      case AZURE_CHAT, AZURE_EMBEDDINGS -> {
        exchange.header(Names.REQUEST_ID, requestId);
        exchange.header(Names.REQUEST_ID_AZURE, requestId);
      }
      case ANTHROPIC -> exchange.header(Names.REQUEST_ID_ANTHROPIC, requestId);
      case GEMINI, GEMINI_EMBEDDINGS -> {
        // Its answers have their identifier in the body.
      }
    }
  }

  static void processing(Exchange exchange, Surface surface, long latencyNanos) {
    switch (surface) {
      case OPENAI_CHAT, OPENAI_RESPONSES, OPENAI_EMBEDDINGS ->
          exchange.header(Names.PROCESSING_MILLIS, String.valueOf(latencyNanos / 1_000_000));
      case AZURE_CHAT, AZURE_EMBEDDINGS, ANTHROPIC, GEMINI, GEMINI_EMBEDDINGS -> {
        // Only OpenAI says.
      }
    }
  }
}
