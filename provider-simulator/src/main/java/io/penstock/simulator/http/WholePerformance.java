package io.penstock.simulator.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.helidon.http.Header;
import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.calls.CallEnd;
import io.penstock.simulator.http.Scene.Connection;
import io.penstock.simulator.json.JsonBytes;
import java.io.IOException;

/** Acts out an answer that is one JSON object. Owned by its one thread. */
record WholePerformance(Scene scene, Reply reply) {
  private static final int HEAD_BYTES_BEFORE_RESET = 20;
  private static final int DRIPS = 16;
  private static final int SIGNS_OF_LIFE = 8;
  private static final byte[] BLANK_LINE_CHUNK = "1\r\n\n\r\n".getBytes(US_ASCII);

  Connection play() throws IOException, InterruptedException {
    var fault = scene.fault().fault();
    return switch (fault) {
      case RESET, TRUNCATED, CUT, STALL, HEAD_ONLY, COMMENTS_ONLY -> cut(fault);
      case ERROR_200, ERROR_EVENT, ERROR_FINISH, ERROR_AFTER_FINISH, ERROR_GROQ -> {
        scene.pause(scene.latencyNanos());
        scene.witness().end(CallEnd.notServed(200, fault));
        scene.exchange().send(200, Names.JSON, scene.serverError().body());
        yield Connection.KEPT;
      }
      case MALFORMED ->
          (scene.draw() & 1) == 0 ? page(fault) : spoilt(fault, body(), body().length() / 2);
      case HTML_200 -> page(fault);
      case ENDS_EARLY -> spoilt(fault, body(), body().length() / 2);
      case JSON_BROKEN, MALFORMED_EVENT -> {
        var body = body();
        body.cutTo(body.length() - 1);
        body.write(',');
        yield spoilt(fault, body, body.length());
      }
      case GARBAGE -> {
        scene.pause(scene.latencyNanos());
        scene.witness().end(CallEnd.notServed(200, fault));
        scene.exchange().send(200, Names.JSON, Pages.GARBAGE, Pages.GARBAGE.length);
        yield Connection.KEPT;
      }
      case DRIP -> drip();
      case COMMENTS -> {
        var body = new JsonBytes(1_024);
        body.write("\n\n\n".getBytes(US_ASCII));
        var json = body();
        body.write(json.array(), 0, json.length());
        yield answer(fault, body, Names.JSON, scene.latencyNanos());
      }
      case CONTENT_TYPE_WRONG -> answer(fault, body(), Names.TEXT, scene.latencyNanos());
      case SLOW -> answer(fault, body(), Names.JSON, scene.latencyNanos() + scene.slow().toNanos());
      default -> answer(fault, body(), Names.JSON, scene.latencyNanos());
    };
  }

  private JsonBytes body() {
    return reply.whole(scene.dialect(), scene.telling());
  }

  private Connection answer(Fault fault, JsonBytes body, Header contentType, long nanos)
      throws IOException, InterruptedException {
    scene.pause(nanos);
    scene.witness().end(CallEnd.served(fault, reply.inputTokens(), reply.outputTokens()));
    scene.exchange().send(200, contentType, body);
    return Connection.KEPT;
  }

  private Connection page(Fault fault) throws IOException, InterruptedException {
    scene.pause(scene.latencyNanos());
    scene.witness().end(CallEnd.notServed(200, fault));
    scene.exchange().send(200, Names.HTML, Pages.BAD_GATEWAY, Pages.BAD_GATEWAY.length);
    return Connection.KEPT;
  }

  private Connection spoilt(Fault fault, JsonBytes body, int length)
      throws IOException, InterruptedException {
    scene.pause(scene.latencyNanos());
    scene.witness().end(CallEnd.broken(200, fault, reply.inputTokens(), reply.outputTokens()));
    scene.exchange().send(200, Names.JSON, body.array(), length);
    return Connection.KEPT;
  }

  private Connection drip() throws IOException, InterruptedException {
    var body = body();
    var head = Exchange.rawHead(body.length());
    scene.exchange().writeRaw(head, head.length);
    scene.witness().headSent();
    int done = 0;
    for (int part = 1; part <= DRIPS; part++) {
      scene.pause((scene.latencyNanos() + scene.slow().toNanos()) / DRIPS);
      int until = (int) ((long) body.length() * part / DRIPS);
      if (part == DRIPS) {
        scene.witness().end(CallEnd.served(Fault.DRIP, reply.inputTokens(), reply.outputTokens()));
      }
      scene.exchange().writeRaw(body.array(), done, until - done);
      done = until;
    }
    // The server knows nothing of what was written past it.
    scene.exchange().finish();
    return Connection.BROKEN;
  }

  private Connection cut(Fault fault) throws IOException, InterruptedException {
    switch (fault) {
      case STALL -> scene.pause(scene.stall().toNanos());
      case HEAD_ONLY -> {
        scene.pause(scene.latencyNanos());
        write(Exchange.rawHead(body().length()), Integer.MAX_VALUE);
        scene.pause(scene.stall().toNanos());
      }
      case COMMENTS_ONLY -> {
        scene.pause(scene.latencyNanos());
        write(Exchange.rawHeadOfChunks("application/json"), Integer.MAX_VALUE);
        for (int sign = 0; sign < SIGNS_OF_LIFE; sign++) {
          write(BLANK_LINE_CHUNK, Integer.MAX_VALUE);
          scene.pause(scene.stall().toNanos() / SIGNS_OF_LIFE);
        }
      }
      case RESET -> {
        scene.pause(scene.latencyNanos());
        write(Exchange.rawHead(body().length()), HEAD_BYTES_BEFORE_RESET);
      }
      default -> {
        scene.pause(scene.latencyNanos());
        var body = body();
        write(Exchange.rawHead(body.length()), Integer.MAX_VALUE);
        scene.exchange().writeRaw(body.array(), body.length() / 2);
      }
    }
    boolean headSeen = fault != Fault.STALL && fault != Fault.RESET;
    scene.witness().end(CallEnd.notServed(headSeen ? 200 : 0, fault));
    if (fault == Fault.RESET) {
      scene.exchange().reset();
    } else {
      scene.exchange().finish();
    }
    return Connection.BROKEN;
  }

  private void write(byte[] bytes, int lengthMax) throws IOException {
    scene.exchange().writeRaw(bytes, Math.min(bytes.length, lengthMax));
    scene.witness().headSent();
  }
}
