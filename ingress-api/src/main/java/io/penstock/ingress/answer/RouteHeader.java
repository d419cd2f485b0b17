package io.penstock.ingress.answer;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.schemas.avro.RouteExplanation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What the headers of an answer say about its way: printable ASCII, within a limit. */
public final class RouteHeader {

  /** Characters of a value; servers and proxies commonly refuse headers of 8 KiB. */
  public static final int LENGTH_MAX = 4096;

  private RouteHeader() {}

  /** The explanation as JSON; of a very long one the targets looked at last are left out. */
  public static String json(RouteExplanation explanation) {
    for (int shown = explanation.getConsidered().size(); ; shown /= 2) {
      var json = json(explanation, shown);
      if (json.length() <= LENGTH_MAX || shown == 0) {
        return json.length() <= LENGTH_MAX ? json : "{\"truncated\":true}";
      }
    }
  }

  /** Warnings, separated by commas. */
  public static String warnings(List<String> warnings) {
    var text = new StringBuilder();
    for (var warning : warnings) {
      if (!text.isEmpty()) {
        text.append(", ");
      }
      for (int i = 0; i < warning.length(); i++) {
        var c = warning.charAt(i);
        text.append(c >= ' ' && c <= '~' ? c : '?');
      }
    }
    text.setLength(Math.min(text.length(), LENGTH_MAX));
    return text.toString();
  }

  private static String json(RouteExplanation explanation, int shown) {
    var considered = explanation.getConsidered();
    var bytes =
        Json.bytes(
            json -> {
              json.setHighestNonEscapedChar(0x7f);
              json.writeStartObject();
              json.writeStringField("model", explanation.getModel());
              json.writeStringField("strategy", explanation.getStrategy());
              json.writeArrayFieldStart("considered");
              for (var target : considered.subList(0, shown)) {
                json.writeStartObject();
                json.writeStringField("pool", target.getPool());
                json.writeStringField("upstream_model", target.getUpstreamModel());
                json.writeStringField("verdict", target.getVerdict());
                json.writeStringField("reason", target.getReason());
                json.writeEndObject();
              }
              json.writeEndArray();
              truncated(json, shown < considered.size());
              json.writeEndObject();
            });
    // the one control character that JSON lets stand
    return new String(bytes, StandardCharsets.US_ASCII).replace('\u007f', '?');
  }

  private static void truncated(JsonGenerator json, boolean truncated) throws IOException {
    if (truncated) {
      json.writeBooleanField("truncated", true);
    }
  }
}
