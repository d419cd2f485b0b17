package io.penstock.simulator.http;

import io.helidon.http.Header;
import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.calls.CallEnd;
import io.penstock.simulator.dialect.EventWriter;
import io.penstock.simulator.dialect.EventWriter.Part;
import io.penstock.simulator.http.Reply.ChatReply;
import io.penstock.simulator.http.Scene.Connection;
import io.penstock.simulator.inference.InferenceRequest.Delivery;
import io.penstock.simulator.json.JsonBytes;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Acts out an answer that is a stream. Owned by its one thread, and used once. */
final class StreamPerformance {
  private static final long PAUSE_SHORTEST_NANOS = 1_000_000;
  private static final int BUFFER_BYTES_MAX = 1 << 16;
  private static final int SIGNS_OF_LIFE = 8;

  private final Scene scene;
  private final ChatReply reply;
  private final Fault fault;
  private final Framing framing;
  private final JsonBytes buffer = new JsonBytes(4_096);
  private @Nullable OutputStream out;
  private int shown;

  StreamPerformance(Scene scene, ChatReply reply) {
    this.scene = scene;
    this.reply = reply;
    this.fault = scene.fault().fault();
    this.framing = Framing.of(fault);
  }

  Connection play() throws IOException, InterruptedException {
    return switch (fault) {
      case HEAD_ONLY -> silentAfterHead();
      case COMMENTS_ONLY -> onlySignsOfLife();
      case HTML_200 -> instead(Names.HTML, Pages.BAD_GATEWAY);
      case GARBAGE -> instead(contentType(), Pages.GARBAGE);
      default -> tell();
    };
  }

  /** Sends one object where a stream was due. */
  void sendAsOnlyEvent(JsonBytes body) throws IOException {
    var text = new JsonBytes(body.length() + 16);
    text.write("data: ".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    text.write(body.array(), 0, body.length());
    text.write("\n\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    var stream = open();
    framing.write(text, stream);
    stream.close();
  }

  /** The first event comes after a quarter of the time, the others evenly after it. */
  private Connection tell() throws IOException, InterruptedException {
    long nanos = nanos();
    long first = fault == Fault.DRIP ? 0 : nanos / 4;
    var events = scene.dialect().events(reply.answer(), scene.telling());
    int steps = Math.max(1, events.steps());
    boolean breaks = breaks();
    long begun = System.nanoTime();
    for (int index = 0; events.hasNext(); index++) {
      if (breaks && shown >= scene.fault().after()) {
        breaks = false;
        if (fault != Fault.MALFORMED_EVENT) {
          return strike();
        }
        buffer.write(Pages.BROKEN_EVENT);
      }
      long due = first + (nanos - first) * index / steps + scene.gapNanos() * shown;
      long early = due - (System.nanoTime() - begun);
      if (early >= PAUSE_SHORTEST_NANOS) {
        flush();
        scene.pause(early);
      }
      next(events);
    }
    return breaks && fault != Fault.MALFORMED_EVENT ? strike() : end(events);
  }

  private long nanos() {
    return fault == Fault.SLOW || fault == Fault.DRIP
        ? scene.latencyNanos() + scene.slow().toNanos()
        : scene.latencyNanos();
  }

  private void next(EventWriter events) throws IOException {
    if (events.next(buffer) == Part.CONTENT) {
      scene.witness().produced(++shown);
    }
    // Odd framings are those of single events, and no stream is kept in memory whole.
    if (framing != Framing.PLAIN || buffer.length() > BUFFER_BYTES_MAX) {
      flush();
    }
  }

  private Connection end(EventWriter events) throws IOException {
    if (fault == Fault.ERROR_AFTER_FINISH) {
      return strike(Fault.ERROR_AFTER_FINISH);
    }
    events.end(buffer);
    scene.witness().end(CallEnd.served(fault, reply.inputTokens(), reply.outputTokens()));
    close();
    return Connection.KEPT;
  }

  private boolean breaks() {
    return switch (fault) {
      case RESET,
          TRUNCATED,
          CUT,
          STALL,
          ENDS_EARLY,
          MALFORMED,
          JSON_BROKEN,
          MALFORMED_EVENT,
          ERROR_200,
          ERROR_EVENT,
          ERROR_FINISH,
          ERROR_GROQ ->
          true;
      default -> false;
    };
  }

  private Connection strike() throws IOException, InterruptedException {
    if (shown == 0 && scene.fault().after() == 0) {
      scene.pause(nanos() / 4);
    }
    switch (fault) {
      case RESET, TRUNCATED, CUT, STALL -> {
        open();
        flush();
        if (fault == Fault.STALL) {
          scene.pause(scene.stall().toNanos());
        }
        scene.witness().end(broken());
        if (fault == Fault.RESET) {
          scene.exchange().reset();
        } else {
          scene.exchange().finish();
        }
        return Connection.BROKEN;
      }
      case MALFORMED, JSON_BROKEN -> {
        buffer.write(Pages.BROKEN_EVENT);
        scene.dialect().endMarker(buffer);
      }
      case ENDS_EARLY -> {
        // Just no more.
      }
      default -> {
        return strike(fault);
      }
    }
    scene.witness().end(broken());
    close();
    return Connection.KEPT;
  }

  private Connection strike(Fault form) throws IOException {
    scene.dialect().errorEvent(form, scene.serverError(), buffer);
    scene.witness().end(broken());
    close();
    return Connection.KEPT;
  }

  private CallEnd broken() {
    return CallEnd.broken(200, fault, reply.inputTokens(), shown);
  }

  private Connection silentAfterHead() throws IOException, InterruptedException {
    scene.pause(scene.latencyNanos() / 4);
    // The server keeps a head back until there is something to send after it.
    var head = Exchange.rawHeadOfChunks("text/event-stream; charset=utf-8");
    scene.exchange().writeRaw(head, head.length);
    scene.witness().headSent();
    scene.pause(scene.stall().toNanos());
    scene.witness().end(broken());
    scene.exchange().finish();
    return Connection.BROKEN;
  }

  private Connection onlySignsOfLife() throws IOException, InterruptedException {
    scene.pause(scene.latencyNanos() / 4);
    for (int sign = 0; sign < SIGNS_OF_LIFE; sign++) {
      buffer.write(Framing.COMMENT);
      flush();
      scene.pause(scene.stall().toNanos() / SIGNS_OF_LIFE);
    }
    scene.witness().end(broken());
    scene.exchange().finish();
    return Connection.BROKEN;
  }

  private Connection instead(Header contentType, byte[] body)
      throws IOException, InterruptedException {
    scene.pause(scene.latencyNanos());
    scene.witness().end(CallEnd.notServed(200, fault));
    scene.exchange().send(200, contentType, body, body.length);
    return Connection.KEPT;
  }

  private Header contentType() {
    if (fault == Fault.CONTENT_TYPE_WRONG) {
      return Names.TEXT;
    }
    return reply.answer().request().delivery() == Delivery.STREAM_AS_ARRAY
        ? Names.JSON
        : Names.EVENTS;
  }

  private OutputStream open() {
    var opened = out;
    if (opened == null) {
      opened = scene.exchange().openStream(contentType());
      out = opened;
    }
    return opened;
  }

  private void flush() throws IOException {
    if (buffer.length() > 0) {
      var stream = open();
      framing.write(buffer, stream);
      stream.flush();
      scene.witness().headSent();
      buffer.cutTo(0);
    }
  }

  /** The last events go out together with the end of the body. */
  private void close() throws IOException {
    var stream = open();
    if (framing != Framing.PLAIN) {
      framing.write(buffer, stream);
    } else if (buffer.length() > 0) {
      // A piece of no length would end the body twice.
      stream.write(buffer.array(), 0, buffer.length());
    }
    stream.close();
  }
}
