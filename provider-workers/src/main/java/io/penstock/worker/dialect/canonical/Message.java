package io.penstock.worker.dialect.canonical;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One message of a conversation. */
public sealed interface Message {

  /** Instructions to the model, at any place of the conversation. */
  record Instructions(List<Part> parts) implements Message {
    public Instructions {
      parts = List.copyOf(parts);
    }
  }

  /** What the user says and shows. */
  record User(List<Part> parts) implements Message {
    public User {
      parts = List.copyOf(parts);
    }
  }

  /** What the model said, thought and called. */
  record Assistant(List<Output> outputs) implements Message {
    public Assistant {
      outputs = List.copyOf(outputs);
    }
  }

  /**
   * What a tool returned.
   *
   * @param callId id of the call, as the caller knows it
   * @param name of the tool; absent when the caller's dialect does not repeat it
   * @param error whether it failed
   */
  record ToolResult(String callId, @Nullable String name, List<Part> parts, boolean error)
      implements Message {
    public ToolResult {
      parts = List.copyOf(parts);
    }
  }

  /** A piece of input. */
  sealed interface Part {
    /**
     * Text.
     *
     * @param cache the caller's cache mark on it, in Anthropic's shape ({@code cache_control});
     *     absent when there is none
     */
    record Text(String text, @Nullable JsonNode cache) implements Part {}

    /**
     * An image.
     *
     * @param detail OpenAI's {@code detail}; absent when not named
     */
    record Image(Source source, @Nullable String detail) implements Part {}

    /**
     * Audio.
     *
     * @param format such as {@code wav}
     * @param base64 the bytes
     */
    record Audio(String format, String base64) implements Part {}

    /** A document such as a PDF. */
    record Document(@Nullable String filename, Source source) implements Part {}
  }

  /** Where the bytes of a part are. */
  sealed interface Source {
    /** At an address. */
    record Url(String url) implements Source {}

    /** Here. */
    record Inline(String mimeType, String base64) implements Source {}

    /** Known to the provider under an id. */
    record ProviderFile(String id) implements Source {}

    /** What an address means; one that holds its data is data. */
    static Source of(String url) {
      var comma = url.indexOf(',');
      if (!url.startsWith("data:") || comma < 0) {
        return new Url(url);
      }
      var head = url.substring("data:".length(), comma);
      return head.endsWith(";base64")
          ? new Inline(head.substring(0, head.indexOf(';')), url.substring(comma + 1))
          : new Url(url);
    }
  }

  /** A piece of output. */
  sealed interface Output {
    /** Text. */
    record Said(String text) implements Output {}

    /** The model's own refusal, where the dialect keeps it apart from text. */
    record Refused(String text) implements Output {}

    /**
     * Reasoning. Its state belongs to one provider and must come back to it byte for byte; others
     * get nothing of it.
     *
     * @param provider dialect that made it: {@code anthropic}, {@code gemini}, {@code openai}
     * @param text what may be read of it; absent when nothing
     * @param state the opaque part, as the provider's own JSON (signature, encrypted content, …);
     *     absent when there is none
     */
    record Thought(String provider, @Nullable String text, @Nullable JsonNode state)
        implements Output {}

    /**
     * A call of a tool.
     *
     * @param arguments JSON text, {@code {}} when there are none
     * @param state opaque state of the provider that belongs to the call (Gemini's {@code
     *     thoughtSignature}); absent when there is none
     */
    record Called(String id, String name, String arguments, @Nullable JsonNode state)
        implements Output {}
  }
}
