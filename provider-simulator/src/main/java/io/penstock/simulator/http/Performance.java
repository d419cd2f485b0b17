package io.penstock.simulator.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.calls.CallEnd;
import io.penstock.simulator.http.Reply.ChatReply;
import io.penstock.simulator.openai.ChunkWriter;
import io.penstock.simulator.openai.JsonBytes;
import io.penstock.simulator.openai.OpenAiError;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Acts one call out: waits as long as it takes, tells the log, and writes the answer or breaks it.
 * Owned by its one thread.
 *
 * @param draw where all chance of this call comes from
 * @param latencyNanos time until the answer is complete
 * @param end told how the call ends, just before the last byte is written
 */
record Performance(
    Exchange exchange,
    Reply reply,
    String model,
    String id,
    long createdSeconds,
    long draw,
    long latencyNanos,
    Duration stall,
    Duration slow,
    Duration retryAfter,
    Ending end) {
  private static final int CHUNKS_BEFORE_FAULT = 3;
  private static final int HEAD_BYTES_BEFORE_RESET = 20;
  private static final long PAUSE_SHORTEST_NANOS = 1_000_000;
  private static final byte[] HTML_PAGE =
      "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
          .getBytes(UTF_8);

  /** Takes the end of a call. */
  @FunctionalInterface
  interface Ending {
    void accept(CallEnd end);
  }

  /** What becomes of the connection. */
  enum Connection {
    KEPT,
    BROKEN
  }

  /**
   * Does what the fault says.
   *
   * @throws IOException if the client is gone
   * @throws InterruptedException if the simulator dies
   */
  Connection play(Fault fault) throws IOException, InterruptedException {
    return switch (fault) {
      case NONE -> answer(fault, reply, latencyNanos);
      case SLOW -> answer(fault, reply, latencyNanos + slow.toNanos());
      case EMPTY -> answer(fault, reply.emptied(), latencyNanos);
      case HTTP_500 -> lateError(fault, OpenAiError.serverError(id));
      case HTTP_503 -> lateError(fault, OpenAiError.overloaded());
      case RATE_429 -> {
        exchange.retryAfter(retryAfter);
        yield error(fault, OpenAiError.limitPretended(model, retryAfter.toNanos()));
      }
      case INSUFFICIENT_QUOTA -> error(fault, OpenAiError.quotaInsufficient());
      case CONTEXT_LENGTH -> error(fault, OpenAiError.contextTooLong(reply.inputTokens()));
      case CONTENT_FILTER -> error(fault, OpenAiError.contentFiltered());
      case UNAUTHORIZED -> error(fault, OpenAiError.keyWrong());
      case HTML_502 -> {
        pause(latencyNanos);
        end.accept(CallEnd.notServed(502, fault));
        exchange.send(502, Names.HTML, HTML_PAGE, HTML_PAGE.length);
        yield Connection.KEPT;
      }
      case MALFORMED, ERROR_200 ->
          reply instanceof ChatReply chat && chat.streams()
              ? spoilStream(fault, chat)
              : spoilWhole(fault);
      case RESET, TRUNCATED, STALL ->
          reply instanceof ChatReply chat && chat.streams()
              ? cutStream(fault, chat)
              : cutWhole(fault);
    };
  }

  private Connection error(Fault fault, OpenAiError error) {
    end.accept(CallEnd.notServed(error.status(), fault));
    exchange.send(error);
    return Connection.KEPT;
  }

  private Connection lateError(Fault fault, OpenAiError error) throws InterruptedException {
    pause(latencyNanos);
    return error(fault, error);
  }

  private Connection answer(Fault fault, Reply content, long nanos)
      throws IOException, InterruptedException {
    var served = CallEnd.served(fault, content.inputTokens(), content.outputTokens());
    if (content instanceof ChatReply chat && chat.streams()) {
      stream(chat, nanos, served);
      return Connection.KEPT;
    }
    pause(nanos);
    var body = content.whole(id, createdSeconds);
    end.accept(served);
    exchange.send(200, Names.JSON, body);
    return Connection.KEPT;
  }

  /** The first chunk comes after a quarter of the time, the others evenly after it. */
  private void stream(ChatReply chat, long nanos, CallEnd served)
      throws IOException, InterruptedException {
    var chunks = chat.chunks(id, createdSeconds);
    int count = chunks.chunks();
    long begun = System.nanoTime();
    var buffer = new JsonBytes(4_096);
    var out = exchange.openStream();
    for (int index = 0; chunks.hasNext(); index++) {
      long due = nanos / 4 + nanos / 4 * 3 * index / count;
      long early = due - (System.nanoTime() - begun);
      if (early >= PAUSE_SHORTEST_NANOS) {
        flush(buffer, out);
        pause(early);
      }
      chunks.next(buffer);
    }
    chunks.end(buffer);
    end.accept(served);
    out.write(buffer.array(), 0, buffer.length());
    out.close();
  }

  private Connection spoilStream(Fault fault, ChatReply chat)
      throws IOException, InterruptedException {
    pause(latencyNanos / 4);
    var buffer = firstChunks(chat);
    if (fault == Fault.ERROR_200) {
      ChunkWriter.error(OpenAiError.serverError(id), buffer);
    } else {
      var frame = "data: {\"id\":\"" + id + "\",\"object\":\"chat.compl\n\ndata: [DONE]\n\n";
      buffer.write(frame.getBytes(UTF_8));
    }
    var out = exchange.openStream();
    end.accept(CallEnd.notServed(200, fault));
    out.write(buffer.array(), 0, buffer.length());
    out.close();
    return Connection.KEPT;
  }

  private Connection spoilWhole(Fault fault) throws InterruptedException {
    pause(latencyNanos);
    end.accept(CallEnd.notServed(200, fault));
    if (fault == Fault.ERROR_200) {
      exchange.send(200, Names.JSON, OpenAiError.serverError(id).body());
    } else if ((draw & 1) == 0) {
      exchange.send(200, Names.HTML, HTML_PAGE, HTML_PAGE.length);
    } else {
      var body = reply.whole(id, createdSeconds);
      exchange.send(200, Names.JSON, body.array(), body.length() / 2);
    }
    return Connection.KEPT;
  }

  private Connection cutStream(Fault fault, ChatReply chat)
      throws IOException, InterruptedException {
    pause(latencyNanos / 4);
    flush(firstChunks(chat), exchange.openStream());
    return breakConnection(fault, 200);
  }

  private Connection cutWhole(Fault fault) throws IOException, InterruptedException {
    if (fault == Fault.STALL) {
      return breakConnection(fault, 0);
    }
    pause(latencyNanos);
    var body = reply.whole(id, createdSeconds);
    var head = Exchange.rawHead(body.length());
    if (fault == Fault.RESET) {
      exchange.writeRaw(head, HEAD_BYTES_BEFORE_RESET);
      return breakConnection(fault, 0);
    }
    exchange.writeRaw(head, head.length);
    exchange.writeRaw(body.array(), body.length() / 2);
    return breakConnection(fault, 200);
  }

  private JsonBytes firstChunks(ChatReply chat) {
    var chunks = chat.chunks(id, createdSeconds);
    var buffer = new JsonBytes(1_024);
    for (int index = 0; index < CHUNKS_BEFORE_FAULT && chunks.hasNext(); index++) {
      chunks.next(buffer);
    }
    return buffer;
  }

  private Connection breakConnection(Fault fault, int status) throws InterruptedException {
    if (fault == Fault.STALL) {
      pause(stall.toNanos());
    }
    end.accept(CallEnd.notServed(status, fault));
    if (fault == Fault.RESET) {
      exchange.reset();
    } else {
      exchange.finish();
    }
    return Connection.BROKEN;
  }

  private static void flush(JsonBytes buffer, OutputStream out) throws IOException {
    if (buffer.length() > 0) {
      out.write(buffer.array(), 0, buffer.length());
      out.flush();
      buffer.cutTo(0);
    }
  }

  private static void pause(long nanos) throws InterruptedException {
    if (nanos > 0) {
      TimeUnit.NANOSECONDS.sleep(nanos);
    }
  }
}
