package io.penstock.simulator.openai;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.simulator.dialect.EventWriter;
import io.penstock.simulator.dialect.Telling;
import io.penstock.simulator.dialect.Telling.Omission;
import io.penstock.simulator.inference.Answer;
import io.penstock.simulator.inference.Answer.Finish;
import io.penstock.simulator.inference.Script;
import io.penstock.simulator.json.JsonBytes;
import io.penstock.simulator.openai.ResponsesWriter.Status;
import java.util.List;

/**
 * Writes a response as named events with numbers; the whole response is in the first two and in the
 * last. One owner at a time.
 */
final class ResponsesEvents implements EventWriter {
  private final Answer answer;
  private final Telling telling;
  private final Script script;
  private int sequence;
  private int item = -1;

  ResponsesEvents(Answer answer, Telling telling) {
    this.answer = answer;
    this.telling = telling;
    this.script = new Script(answer);
  }

  /** An error where an event was due. */
  static void error(JsonBytes out) {
    out.write(
        ("event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"The model"
                + " failed to generate a response.\",\"param\":null,\"sequence_number\":99}\n\n")
            .getBytes(UTF_8));
  }

  @Override
  public Script script() {
    return script;
  }

  @Override
  public Part next(JsonBytes out) {
    var part = Part.FRAME;
    switch (script.next()) {
      case CHOICE_BEGIN -> begin(out);
      case THOUGHTS_BEGIN -> {
        item++;
        added(
            out,
            json ->
                json.writeRawValue(
                    "{\"id\":\""
                        + telling.id("rs_")
                        + "\",\"type\":\"reasoning\",\"summary\":[]}"));
        event(
            out,
            "response.reasoning_summary_part.added",
            json -> {
              place(json, "rs_", "summary_index");
              json.writeFieldName("part");
              json.writeRawValue("{\"type\":\"summary_text\",\"text\":\"\"}");
            });
      }
      case THOUGHT -> {
        delta(out, "response.reasoning_summary_text.delta", telling.id("rs_"), "summary_index");
        part = Part.CONTENT;
      }
      case THOUGHTS_END -> {
        event(
            out,
            "response.reasoning_summary_text.done",
            json -> {
              place(json, "rs_", "summary_index");
              ChatWriter.writeText(json, "text", script.choice().thoughts());
            });
        done(out, json -> ResponsesWriter.writeReasoning(json, script.choice(), telling));
      }
      case TEXT_BEGIN -> textBegins(out);
      case TEXT -> {
        delta(
            out,
            refused() ? "response.refusal.delta" : "response.output_text.delta",
            telling.id("msg_"),
            "content_index");
        part = Part.CONTENT;
      }
      case TEXT_END -> textEnds(out);
      case CALL_BEGIN -> {
        item++;
        added(out, json -> ResponsesWriter.writeCall(json, script.call(), Status.IN_PROGRESS));
      }
      case ARGUMENTS -> {
        delta(out, "response.function_call_arguments.delta", script.call().id("fc_"), "");
        part = Part.CONTENT;
      }
      case CALL_END -> {
        event(
            out,
            "response.function_call_arguments.done",
            json -> {
              json.writeStringField("item_id", script.call().id("fc_"));
              json.writeNumberField("output_index", item);
              ChatWriter.writeText(json, "arguments", script.call().arguments());
              json.writeStringField("name", script.call().name());
            });
        done(out, json -> ResponsesWriter.writeCall(json, script.call(), Status.COMPLETED));
      }
      case CHOICE_END, BEFORE -> part = Part.NOTHING;
    }
    return part;
  }

  @Override
  public void end(JsonBytes out) {
    if (telling.omits(Omission.FINISH) || telling.omits(Omission.END)) {
      return;
    }
    if (sequence == 0) {
      begin(out);
    }
    var status = ResponsesWriter.end(answer);
    event(
        out,
        "response." + status.wireName(),
        json -> {
          json.writeFieldName("response");
          ResponsesWriter.write(json, answer, telling, status, answer.choices());
        });
  }

  private void begin(JsonBytes out) {
    for (var name : new String[] {"response.created", "response.in_progress"}) {
      event(
          out,
          name,
          json -> {
            json.writeFieldName("response");
            ResponsesWriter.write(json, answer, telling, Status.IN_PROGRESS, List.of());
          });
    }
  }

  private void textBegins(JsonBytes out) {
    item++;
    added(
        out,
        json ->
            json.writeRawValue(
                "{\"id\":\""
                    + telling.id("msg_")
                    + "\",\"type\":\"message\",\"status\":\"in_progress\",\"role\":\"assistant\",\"content\":[]}"));
    event(
        out,
        "response.content_part.added",
        json -> {
          place(json, "msg_", "content_index");
          json.writeFieldName("part");
          json.writeRawValue(
              refused()
                  ? "{\"type\":\"refusal\",\"refusal\":\"\"}"
                  : "{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":\"\"}");
        });
  }

  private void textEnds(JsonBytes out) {
    var name = refused() ? "refusal" : "text";
    event(
        out,
        refused() ? "response.refusal.done" : "response.output_text.done",
        json -> {
          place(json, "msg_", "content_index");
          if (!refused()) {
            json.writeFieldName("logprobs");
            json.writeRawValue("[]");
          }
          ChatWriter.writeText(json, name, script.choice().text());
        });
    event(
        out,
        "response.content_part.done",
        json -> {
          place(json, "msg_", "content_index");
          json.writeFieldName("part");
          ResponsesWriter.writePart(json, script.choice());
        });
    done(out, json -> ResponsesWriter.writeMessage(json, script.choice(), telling));
  }

  private boolean refused() {
    return script.choice().finish() == Finish.REFUSED;
  }

  private void place(JsonGenerator json, String prefix, String index) throws java.io.IOException {
    json.writeStringField("item_id", telling.id(prefix));
    json.writeNumberField("output_index", item);
    json.writeNumberField(index, 0);
  }

  private void added(JsonBytes out, JsonBytes.Content content) {
    withItem(out, "response.output_item.added", content);
  }

  private void done(JsonBytes out, JsonBytes.Content content) {
    withItem(out, "response.output_item.done", content);
  }

  private void withItem(JsonBytes out, String name, JsonBytes.Content content) {
    event(
        out,
        name,
        json -> {
          json.writeNumberField("output_index", item);
          json.writeFieldName("item");
          content.writeTo(json);
        });
  }

  private void delta(JsonBytes out, String name, String itemId, String index) {
    var token = new JsonBytes(32);
    script.say(token);
    event(
        out,
        name,
        json -> {
          json.writeStringField("item_id", itemId);
          json.writeNumberField("output_index", item);
          if (!index.isEmpty()) {
            json.writeNumberField(index, 0);
          }
          json.writeFieldName("delta");
          json.writeRawUTF8String(token.array(), 0, token.length());
        });
  }

  private void event(JsonBytes out, String name, JsonBytes.Content content) {
    out.write(("event: " + name + "\ndata: ").getBytes(UTF_8));
    out.append(
        json -> {
          json.writeStartObject();
          json.writeStringField("type", name);
          json.writeNumberField("sequence_number", sequence++);
          content.writeTo(json);
          json.writeEndObject();
        });
    out.write("\n\n".getBytes(UTF_8));
  }
}
