package io.penstock.simulator.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.penstock.simulator.openai.ChatAnswer.Choice;
import io.penstock.simulator.openai.InferenceRequest.Delivery;

/**
 * Writes a chat completion as server-sent events: for each choice the role, one chunk for each
 * token and the finish reason, then the usage if asked for, then {@code [DONE]}. Only the words
 * differ between chunks, so everything around them is written once. One owner at a time.
 */
public final class ChunkWriter {
  private static final byte[] DATA = bytes("data: ");
  private static final byte[] FRAME_END = bytes("\n\n");
  private static final byte[] DONE = bytes("data: [DONE]\n\n");
  private static final byte[] CHOICE_START = bytes("\"choices\":[{\"index\":");
  private static final byte[] ROLE_DELTA =
      bytes("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}");
  private static final byte[] DELTA = bytes(",\"delta\":");
  private static final byte[] NOT_FINISHED = bytes(",\"logprobs\":null,\"finish_reason\":null");
  private static final byte[] CONTENT_START = bytes("{\"content\":\"");
  private static final byte[] CONTENT_END = bytes("\"}");
  private static final byte[] EMPTY_DELTA = bytes("{}");

  private final ChatAnswer answer;
  private final byte[] head;
  private final byte[] tail;
  private int choice;
  private int token = -1;
  private AnswerText words;

  /** Starts before the first chunk. */
  public ChunkWriter(ChatAnswer answer, String id, long createdSeconds) {
    this.answer = answer;
    this.head = head(answer, id, createdSeconds);
    this.tail =
        answer.request().delivery() == Delivery.STREAM_WITH_USAGE
            ? bytes("}],\"usage\":null}\n\n")
            : bytes("}]}\n\n");
    this.words = new AnswerText(current().textHash());
  }

  /** How many chunks there will be in all, without usage and {@code [DONE]}. */
  public int chunks() {
    return answer.outputTokens() + 2 * answer.choices().size();
  }

  /** Whether a chunk is left. */
  public boolean hasNext() {
    return choice < answer.choices().size();
  }

  /** Appends the next chunk. */
  public void next(JsonBytes out) {
    out.write(head);
    out.write(bytes(Integer.toString(choice)));
    out.write(DELTA);
    var now = current();
    boolean last = token == now.tokens();
    if (token < 0) {
      out.write(ROLE_DELTA);
    } else if (last) {
      out.write(EMPTY_DELTA);
    } else {
      out.write(CONTENT_START);
      words.next(out);
      out.write(CONTENT_END);
    }
    out.write(
        last
            ? bytes(",\"logprobs\":null,\"finish_reason\":\"" + now.finish().wireName() + "\"")
            : NOT_FINISHED);
    out.write(tail);
    token++;
    if (last) {
      choice++;
      token = -1;
      words = new AnswerText(hasNext() ? current().textHash() : 0);
    }
  }

  /** Appends what follows the last chunk. */
  public void end(JsonBytes out) {
    if (answer.request().delivery() == Delivery.STREAM_WITH_USAGE) {
      // The head ends inside the first choice; this frame has none.
      out.write(head, 0, head.length - CHOICE_START.length);
      out.write(bytes("\"choices\":[],\"usage\":"));
      out.append(json -> ChatWriter.writeUsage(json, answer));
      out.write('}');
      out.write(FRAME_END);
    }
    out.write(DONE);
  }

  /** Appends an error where a chunk was due. */
  public static void error(OpenAiError error, JsonBytes out) {
    var body = error.body();
    out.write(DATA);
    out.write(body.array(), 0, body.length());
    out.write(FRAME_END);
  }

  private static byte[] head(ChatAnswer answer, String id, long createdSeconds) {
    var out = new JsonBytes(256);
    out.write(DATA);
    out.append(
        json -> {
          json.writeStartObject();
          json.writeStringField("id", id);
          json.writeStringField("object", "chat.completion.chunk");
          json.writeNumberField("created", createdSeconds);
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

  private Choice current() {
    return answer.choices().get(choice);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }
}
