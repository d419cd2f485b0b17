package io.penstock.simulator.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.penstock.simulator.dialect.EventWriter;
import io.penstock.simulator.dialect.Telling;
import io.penstock.simulator.dialect.Telling.Omission;
import io.penstock.simulator.inference.Answer;
import io.penstock.simulator.inference.Answer.Finish;
import io.penstock.simulator.inference.InferenceRequest.Delivery;
import io.penstock.simulator.inference.Script;
import io.penstock.simulator.json.JsonBytes;

/**
 * Writes a chat completion as server-sent events: for each choice the role, one chunk for each
 * token and the finish reason, then the usage if asked for, then {@code [DONE]}. Only the words
 * differ between chunks, so everything around them is written once. One owner at a time.
 */
final class ChunkWriter implements EventWriter {
  static final byte[] DONE = bytes("data: [DONE]\n\n");

  private static final byte[] DATA = bytes("data: ");
  private static final byte[] FRAME_END = bytes("\n\n");
  private static final byte[] CHOICE_START = bytes("\"choices\":[{\"index\":");
  private static final byte[] ROLE_DELTA =
      bytes("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}");
  private static final byte[] DELTA = bytes(",\"delta\":");
  private static final byte[] NOT_FINISHED = bytes(",\"logprobs\":null,\"finish_reason\":null");
  private static final byte[] CONTENT_START = bytes("{\"content\":\"");
  private static final byte[] REFUSAL_START = bytes("{\"refusal\":\"");
  private static final byte[] THOUGHT_START = bytes("{\"reasoning_content\":\"");
  private static final byte[] CONTENT_END = bytes("\"}");
  private static final byte[] CALL_START = bytes("{\"tool_calls\":[{\"index\":");
  private static final byte[] ARGUMENTS_START = bytes(",\"function\":{\"arguments\":\"");
  private static final byte[] CALL_END = bytes("\"}}]}");
  private static final byte[] EMPTY_DELTA = bytes("{}");

  private final Answer answer;
  private final Telling telling;
  private final Flavour flavour;
  private final Script script;
  private final byte[] head;
  private final byte[] tail;

  /** Starts before the first chunk. */
  ChunkWriter(Answer answer, Telling telling, Flavour flavour) {
    this.answer = answer;
    this.telling = telling;
    this.flavour = flavour;
    this.script = new Script(answer);
    this.head = head(answer, telling);
    this.tail =
        answer.request().delivery() == Delivery.STREAM_WITH_USAGE
            ? bytes("}],\"usage\":null}\n\n")
            : bytes("}]}\n\n");
  }

  @Override
  public Script script() {
    return script;
  }

  @Override
  public Part next(JsonBytes out) {
    return switch (script.next()) {
      case CHOICE_BEGIN -> {
        if (flavour == Flavour.AZURE && script.choiceNumber() == 0) {
          out.write(bytes(AzureFilters.FIRST_CHUNK));
        }
        begin(out);
        out.write(ROLE_DELTA);
        yield end(out, Part.FRAME);
      }
      case THOUGHT -> token(THOUGHT_START, out);
      case TEXT ->
          token(script.choice().finish() == Finish.REFUSED ? REFUSAL_START : CONTENT_START, out);
      case CALL_BEGIN -> {
        begin(out);
        out.write(CALL_START);
        out.write(bytes(Integer.toString(script.callNumber())));
        out.write(bytes(",\"id\":\"" + script.call().id("call_") + "\",\"type\":\"function\""));
        out.write(bytes(",\"function\":{\"name\":\""));
        out.write(JsonStringEncoder.getInstance().quoteAsUTF8(script.call().name()));
        out.write(bytes("\",\"arguments\":\""));
        out.write(CALL_END);
        yield end(out, Part.FRAME);
      }
      case ARGUMENTS -> {
        begin(out);
        out.write(CALL_START);
        out.write(bytes(Integer.toString(script.callNumber())));
        out.write(ARGUMENTS_START);
        script.say(out);
        out.write(CALL_END);
        yield end(out, Part.CONTENT);
      }
      case CHOICE_END -> finish(out);
      case THOUGHTS_BEGIN, THOUGHTS_END, TEXT_BEGIN, TEXT_END, CALL_END, BEFORE -> Part.NOTHING;
    };
  }

  private Part finish(JsonBytes out) {
    if (flavour == Flavour.AZURE) {
      out.write(bytes(AzureFilters.offsetsChunk(script.choiceNumber())));
    }
    if (telling.omits(Omission.FINISH)) {
      return Part.NOTHING;
    }
    begin(out);
    out.write(EMPTY_DELTA);
    out.write(bytes(",\"logprobs\":null,\"finish_reason\":\""));
    out.write(bytes(ChatWriter.finish(script.choice().finish())));
    out.write('"');
    out.write(tail);
    return Part.FRAME;
  }

  @Override
  public void end(JsonBytes out) {
    if (telling.omits(Omission.FINISH)) {
      return;
    }
    if (answer.request().delivery() == Delivery.STREAM_WITH_USAGE
        && !telling.omits(Omission.USAGE)) {
      // The head ends inside the first choice; this frame has none.
      out.write(head, 0, head.length - CHOICE_START.length);
      out.write(bytes("\"choices\":[],\"usage\":"));
      out.append(json -> ChatWriter.writeUsage(json, answer, telling));
      out.write('}');
      out.write(FRAME_END);
    }
    if (!telling.omits(Omission.END)) {
      out.write(DONE);
    }
  }

  private Part token(byte[] start, JsonBytes out) {
    begin(out);
    out.write(start);
    script.say(out);
    out.write(CONTENT_END);
    return end(out, Part.CONTENT);
  }

  private void begin(JsonBytes out) {
    out.write(head);
    out.write(bytes(Integer.toString(script.choiceNumber())));
    out.write(DELTA);
  }

  private Part end(JsonBytes out, Part part) {
    out.write(NOT_FINISHED);
    if (flavour == Flavour.AZURE) {
      out.write(bytes(",\"content_filter_results\":{}"));
    }
    out.write(tail);
    return part;
  }

  private static byte[] head(Answer answer, Telling telling) {
    var out = new JsonBytes(256);
    out.write(DATA);
    out.append(
        json -> {
          json.writeStartObject();
          json.writeStringField("id", telling.id("chatcmpl-"));
          json.writeStringField("object", "chat.completion.chunk");
          json.writeNumberField("created", telling.createdSeconds());
          json.writeStringField("model", answer.request().model());
          json.writeStringField("service_tier", "default");
          json.writeStringField("system_fingerprint", ChatWriter.FINGERPRINT);
          json.writeEndObject();
        });
    out.cutTo(out.length() - 1);
    out.write(',');
    out.write(CHOICE_START);
    return out.copy();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }
}
