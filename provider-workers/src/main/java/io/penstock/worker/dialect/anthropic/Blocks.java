package io.penstock.worker.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Message.Part;
import io.penstock.worker.dialect.canonical.Message.Source;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Content blocks of what is sent to the provider. */
final class Blocks {

  private Blocks() {}

  /** The block of a part; null when there is nothing in it. */
  static @Nullable ObjectNode of(Part part) {
    return switch (part) {
      case Part.Text(var text, var cache) -> text(text, cache);
      case Part.Image image -> with("image", imageSource(image.source()));
      case Part.Document document -> {
        var block = with("document", documentSource(document.source()));
        if (document.filename() != null) {
          block.put("title", document.filename());
        }
        yield block;
      }
      case Part.Audio _ ->
          throw UnsupportedCallException.of("messages.content.input_audio", AnswerReader.NAME);
    };
  }

  /** A text block; null for white space alone, which Anthropic refuses. */
  static @Nullable ObjectNode text(String text, @Nullable JsonNode cache) {
    if (text.isBlank()) {
      return null;
    }
    var block = Trees.typed("text").put("text", text);
    if (cache != null) {
      block.set("cache_control", cache);
    }
    return block;
  }

  /** Models do write arguments that are no object; the one that reads them should know. */
  static ObjectNode input(String arguments) {
    if (arguments.isBlank()) {
      return Trees.object();
    }
    var object = Trees.objectOrNull(arguments);
    return object == null ? Trees.object().put("arguments", arguments) : object;
  }

  private static ObjectNode with(String type, ObjectNode source) {
    var block = Trees.typed(type);
    block.set("source", source);
    return block;
  }

  private static ObjectNode imageSource(Source source) {
    return switch (source) {
      case Source.Url(var url) -> Trees.typed("url").put("url", url);
      case Source.Inline(var mimeType, var base64) -> base64(mimeType, base64);
      case Source.ProviderFile(var id) -> Trees.typed("file").put("file_id", id);
    };
  }

  private static ObjectNode documentSource(Source source) {
    return switch (source) {
      case Source.Inline(var mimeType, var base64) when mimeType.startsWith("text/") ->
          Trees.typed("text").put("media_type", "text/plain").put("data", decoded(base64));
      case Source.Inline _, Source.Url _, Source.ProviderFile _ -> imageSource(source);
    };
  }

  private static ObjectNode base64(String mimeType, String base64) {
    return Trees.typed("base64").put("media_type", mimeType).put("data", base64);
  }

  private static String decoded(String base64) {
    try {
      return new String(Base64.getMimeDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new UnsupportedCallException("a document is not base64", e);
    }
  }
}
