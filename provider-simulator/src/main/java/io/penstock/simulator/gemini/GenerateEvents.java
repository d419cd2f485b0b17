package io.penstock.simulator.gemini;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.simulator.dialect.EventWriter;
import io.penstock.simulator.dialect.Telling;
import io.penstock.simulator.dialect.Telling.Omission;
import io.penstock.simulator.inference.Answer;
import io.penstock.simulator.inference.Answer.Finish;
import io.penstock.simulator.inference.InferenceRequest.Delivery;
import io.penstock.simulator.inference.Script;
import io.penstock.simulator.json.JsonBytes;

/**
 * Writes the answer of streamGenerateContent: chunks of the same shape as the whole, each with the
 * usage so far, the last with the reason of the end. Function calls come whole. One owner at a
 * time.
 */
final class GenerateEvents implements EventWriter {
  private final Answer answer;
  private final Telling telling;
  private final Script script;
  private final boolean asArray;
  private int said;
  private boolean begun;

  GenerateEvents(Answer answer, Telling telling) {
    this.answer = answer;
    this.telling = telling;
    this.script = new Script(answer);
    this.asArray = answer.request().delivery() == Delivery.STREAM_AS_ARRAY;
  }

  @Override
  public Script script() {
    return script;
  }

  @Override
  public Part next(JsonBytes out) {
    return switch (script.next()) {
      case THOUGHT -> text(out, true);
      case TEXT -> script.choice().finish() == Finish.REFUSED ? hush() : text(out, false);
      case ARGUMENTS -> {
        said++;
        yield hush();
      }
      case CALL_END -> {
        chunk(
            out,
            json -> GenerateWriter.writeCall(json, script.call(), script.callNumber(), telling));
        yield Part.CONTENT;
      }
      case CHOICE_END -> {
        if (telling.omits(Omission.FINISH)) {
          yield Part.NOTHING;
        }
        // Newer models tell the end in a chunk of its own, beside an empty text.
        chunk(
            out,
            json -> {
              json.writeStartObject();
              json.writeStringField("text", "");
              json.writeEndObject();
            });
        yield Part.FRAME;
      }
      case CHOICE_BEGIN, THOUGHTS_BEGIN, THOUGHTS_END, TEXT_BEGIN, TEXT_END, CALL_BEGIN, BEFORE ->
          Part.NOTHING;
    };
  }

  @Override
  public void end(JsonBytes out) {
    if (answer.choices().isEmpty()) {
      separate(out);
      out.append(
          json -> {
            json.writeStartObject();
            GenerateWriter.writeTail(json, answer, telling, 0);
            json.writeEndObject();
          });
      finishFrame(out);
    }
    if (asArray) {
      out.write(']');
    }
  }

  private Part text(JsonBytes out, boolean thought) {
    var token = new JsonBytes(32);
    script.say(token);
    if (!thought) {
      said++;
    }
    chunk(
        out,
        json -> {
          json.writeStartObject();
          GenerateWriter.writeText(json, token);
          if (thought) {
            json.writeBooleanField("thought", true);
          }
          json.writeEndObject();
        });
    return Part.CONTENT;
  }

  private Part hush() {
    script.say(new JsonBytes(32));
    return Part.NOTHING;
  }

  private void chunk(JsonBytes out, JsonBytes.Content part) {
    boolean last = script.atEnd();
    separate(out);
    out.append(
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("candidates");
          json.writeStartObject();
          json.writeObjectFieldStart("content");
          json.writeArrayFieldStart("parts");
          part.writeTo(json);
          json.writeEndArray();
          json.writeStringField("role", "model");
          json.writeEndObject();
          if (last) {
            GenerateWriter.writeFinish(json, script.choice(), telling);
          }
          json.writeNumberField("index", script.choiceNumber());
          json.writeEndObject();
          json.writeEndArray();
          GenerateWriter.writeTail(
              json,
              answer,
              telling,
              last ? answer.outputTokens() - answer.reasoningTokens() : said);
          json.writeEndObject();
        });
    finishFrame(out);
  }

  private void separate(JsonBytes out) {
    out.write((asArray ? begun ? ",\r\n" : "[" : "data: ").getBytes(UTF_8));
    begun = true;
  }

  private void finishFrame(JsonBytes out) {
    if (!asArray) {
      // Gemini ends its lines with CRLF.
      out.write("\r\n\r\n".getBytes(UTF_8));
    }
  }
}
