package io.penstock.worker.dialect.gemini;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Message.Part;
import io.penstock.worker.dialect.canonical.Message.Source;
import java.util.Locale;
import java.util.Map;

/** Pictures, sound and documents as parts. */
final class Media {

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("png", "image/png"),
          Map.entry("jpg", "image/jpeg"),
          Map.entry("jpeg", "image/jpeg"),
          Map.entry("gif", "image/gif"),
          Map.entry("webp", "image/webp"),
          Map.entry("heic", "image/heic"),
          Map.entry("heif", "image/heif"),
          Map.entry("pdf", "application/pdf"),
          Map.entry("txt", "text/plain"),
          Map.entry("md", "text/markdown"),
          Map.entry("csv", "text/csv"),
          Map.entry("html", "text/html"),
          Map.entry("json", "application/json"));

  private Media() {}

  static ObjectNode image(Part.Image image) {
    return source(image.source(), "image/jpeg");
  }

  static ObjectNode document(Part.Document document) {
    var filename = document.filename();
    return source(document.source(), filename == null ? "application/pdf" : type(filename));
  }

  static ObjectNode audio(Part.Audio audio) {
    return inline("audio/" + audio.format().toLowerCase(Locale.ROOT), audio.base64());
  }

  private static ObjectNode source(Source source, String typeElse) {
    return switch (source) {
      case Source.Inline(var mimeType, var base64) ->
          inline(mimeType.isEmpty() ? typeElse : mimeType, base64);
      case Source.Url(var url) -> url(url, typeElse);
      case Source.ProviderFile(var id) -> {
        // ids of other providers' files mean nothing to Google
        if (!id.contains("://")) {
          throw UnsupportedCallException.of("file_id", Signatures.PROVIDER);
        }
        yield file(id, typeElse);
      }
    };
  }

  private static ObjectNode url(String url, String typeElse) {
    if (!url.startsWith("data:")) {
      return file(url, typeElse);
    }
    var comma = url.indexOf(',');
    var head = comma < 0 ? "" : url.substring("data:".length(), comma);
    if (!head.endsWith(";base64")) {
      throw new UnsupportedCallException("a data URL must be base64");
    }
    var semicolon = head.indexOf(';');
    return inline(
        semicolon == 0 ? typeElse : head.substring(0, semicolon), url.substring(comma + 1));
  }

  private static ObjectNode file(String url, String typeElse) {
    var path = url.split("[?#]", 2)[0];
    var part = Trees.object();
    part.putObject("fileData")
        .put("mimeType", TYPES.getOrDefault(extension(path), typeElse))
        .put("fileUri", url);
    return part;
  }

  private static ObjectNode inline(String mimeType, String base64) {
    var part = Trees.object();
    part.putObject("inlineData").put("mimeType", mimeType).put("data", base64);
    return part;
  }

  private static String type(String filename) {
    return TYPES.getOrDefault(extension(filename), "application/pdf");
  }

  private static String extension(String name) {
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
