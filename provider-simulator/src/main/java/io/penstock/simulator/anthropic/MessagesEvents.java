package io.penstock.simulator.anthropic;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.simulator.dialect.EventWriter;
import io.penstock.simulator.dialect.Telling;
import io.penstock.simulator.dialect.Telling.Omission;
import io.penstock.simulator.inference.Answer;
import io.penstock.simulator.inference.Script;
import io.penstock.simulator.json.JsonBytes;

/**
 * Writes a message as named events: start, a ping, the blocks one after the other, then the reason
 * of the end with the usage so far, then the stop. One owner at a time.
 */
final class MessagesEvents implements EventWriter {
  static final byte[] STOP = bytes("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");

  private static final byte[] PING = bytes("event: ping\ndata: {\"type\":\"ping\"}\n\n");

  private final Answer answer;
  private final Telling telling;
  private final Script script;
  private int block = -1;
  private boolean begun;

  MessagesEvents(Answer answer, Telling telling) {
    this.answer = answer;
    this.telling = telling;
    this.script = new Script(answer);
  }

  @Override
  public Script script() {
    return script;
  }

  @Override
  public Part next(JsonBytes out) {
    return switch (script.next()) {
      case CHOICE_BEGIN -> {
        begin(out);
        yield Part.FRAME;
      }
      case THOUGHTS_BEGIN ->
          start("{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}", out);
      case THOUGHT -> delta("thinking_delta", "thinking", out);
      case THOUGHTS_END -> {
        event(
            "content_block_delta",
            "\"index\":"
                + block
                + ",\"delta\":{\"type\":\"signature_delta\",\"signature\":\""
                + MessagesWriter.signature(telling)
                + "\"}",
            out);
        yield stop(out);
      }
      case TEXT_BEGIN ->
          script.choice().text().tokens() == 0
              ? Part.NOTHING
              : start("{\"type\":\"text\",\"text\":\"\"}", out);
      case TEXT -> delta("text_delta", "text", out);
      case TEXT_END -> script.choice().text().tokens() == 0 ? Part.NOTHING : stop(out);
      case CALL_BEGIN -> {
        var call =
            JsonBytes.of(
                128,
                json -> {
                  json.writeStartObject();
                  json.writeStringField("type", "tool_use");
                  json.writeStringField("id", script.call().id("toolu_"));
                  json.writeStringField("name", script.call().name());
                  json.writeFieldName("input");
                  json.writeRawValue("{}");
                  json.writeEndObject();
                });
        start(new String(call.array(), 0, call.length(), UTF_8), out);
        // As Anthropic does: the first piece of arguments is always empty.
        event(
            "content_block_delta",
            "\"index\":"
                + block
                + ",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"\"}",
            out);
        yield Part.FRAME;
      }
      case ARGUMENTS ->
          String.join("", script.call().arguments().pieces()).equals("{}")
              ? skip()
              : delta("input_json_delta", "partial_json", out);
      case CALL_END -> stop(out);
      case CHOICE_END, BEFORE -> Part.NOTHING;
    };
  }

  /** Empty arguments are told by the empty piece alone. */
  private Part skip() {
    script.say(new JsonBytes(8));
    return Part.NOTHING;
  }

  @Override
  public void end(JsonBytes out) {
    begin(out);
    if (telling.omits(Omission.FINISH)) {
      return;
    }
    out.write(bytes("event: message_delta\ndata: "));
    out.append(
        json -> {
          json.writeStartObject();
          json.writeStringField("type", "message_delta");
          json.writeObjectFieldStart("delta");
          MessagesWriter.writeStop(json, answer, telling);
          json.writeEndObject();
          if (!telling.omits(Omission.USAGE) && !telling.omits(Omission.USAGE_OF_OUTPUT)) {
            json.writeFieldName("usage");
            MessagesWriter.writeUsage(json, answer, telling, answer.outputTokens());
          }
          json.writeEndObject();
        });
    out.write(bytes("\n\n"));
    if (!telling.omits(Omission.END)) {
      out.write(STOP);
    }
  }

  private void begin(JsonBytes out) {
    if (begun) {
      return;
    }
    begun = true;
    out.write(bytes("event: message_start\ndata: "));
    out.append(
        json -> {
          json.writeStartObject();
          json.writeStringField("type", "message_start");
          json.writeObjectFieldStart("message");
          MessagesWriter.writeHead(json, answer, telling);
          json.writeArrayFieldStart("content");
          json.writeEndArray();
          json.writeNullField("stop_reason");
          json.writeNullField("stop_sequence");
          if (!telling.omits(Omission.USAGE)) {
            json.writeFieldName("usage");
            MessagesWriter.writeUsage(json, answer, telling, 1);
          }
          json.writeEndObject();
          json.writeEndObject();
        });
    out.write(bytes("\n\n"));
    out.write(PING);
  }

  private Part start(String content, JsonBytes out) {
    block++;
    event("content_block_start", "\"index\":" + block + ",\"content_block\":" + content, out);
    return Part.FRAME;
  }

  private Part stop(JsonBytes out) {
    event("content_block_stop", "\"index\":" + block, out);
    return Part.FRAME;
  }

  private Part delta(String type, String field, JsonBytes out) {
    out.write(
        bytes(
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":"
                + block
                + ",\"delta\":{\"type\":\""
                + type
                + "\",\""
                + field
                + "\":\""));
    script.say(out);
    out.write(bytes("\"}}\n\n"));
    return Part.CONTENT;
  }

  private static void event(String name, String members, JsonBytes out) {
    out.write(bytes("event: " + name + "\ndata: {\"type\":\"" + name + "\"," + members + "}\n\n"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
