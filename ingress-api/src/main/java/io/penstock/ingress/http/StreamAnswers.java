package io.penstock.ingress.http;

import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.answer.Begun;
import io.penstock.ingress.answer.ErrorFrames;
import io.penstock.ingress.http.StreamWaiter.Next;
import io.penstock.platform.blob.BlobStore;
import io.penstock.platform.blob.Payloads;
import io.penstock.platform.error.ErrorEnvelope;
import io.penstock.platform.http.HangUp;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.ReplyFinished;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers as server-sent events. Nothing is written before the first piece is there, so that a
 * failure before it is an ordinary error; a failure after it ends the stream with an error frame,
 * and never as if it were whole. Thread-safe; blocks the (virtual) thread of its caller.
 */
final class StreamAnswers implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StreamAnswers.class);
  private static final int OK = 200;
  private static final int REPLAYED_AT_ONCE = 64 << 10;

  private final RequestLog log;
  private final Waiters waiters;
  private final WholeAnswers whole;
  private final BlobStore blobs;
  private final Payloads payloads;
  private final StreamLimits limits;
  private final StreamRoom room;
  private final StalledReaders stalled;

  StreamAnswers(
      RequestLog log, Waiters waiters, WholeAnswers whole, BlobStore blobs, StreamLimits limits) {
    this.log = log;
    this.waiters = waiters;
    this.whole = whole;
    this.blobs = blobs;
    this.payloads = new Payloads(blobs);
    this.limits = limits;
    this.room = new StreamRoom(limits.buffersBytesMax());
    this.stalled = StalledReaders.start(limits.stallMax());
  }

  /** Sends a request and relays its stream. */
  void answer(Wanted wanted, Duration wait, ServerResponse response)
      throws IOException, InterruptedException {
    var end = System.nanoTime() + wait.toNanos();
    var waiter = new StreamWaiter(limits.bufferBytesMax(), room);
    var payload = payloads.pack(wanted.bodyKey(), wanted.body());
    waiters.expect(wanted.requestId(), waiter);
    try (var _ = HangUp.watch(() -> waiter.drop("the caller's connection was closed"))) {
      log.send(wanted, payload, wait, waiter);
      var ended = begin(wanted, waiter, end, response);
      if (ended && payload.getBlob() != null) {
        blobs.delete(payload.getBlob());
      }
    } catch (InterruptedException e) {
      log.cancel(wanted, "this instance is shutting down");
      throw e;
    } finally {
      waiters.forget(wanted.requestId());
      waiter.close();
    }
  }

  /**
   * Waits for the first sign of an answer. Returns whether nobody works on the request any more.
   */
  private boolean begin(Wanted wanted, StreamWaiter waiter, long end, ServerResponse response)
      throws IOException, InterruptedException {
    return switch (waiter.next(until(end))) {
      case Next.Pieces(var pieces) -> {
        stalled.watch(waiter);
        try {
          yield new Relay(wanted, waiter, response).run(pieces, end);
        } finally {
          stalled.forget(waiter);
        }
      }
      case Next.Ended(var reply) -> {
        if (reply.getReplayOf() != null && reply.getBody() != null && reply.getHttpStatus() == OK) {
          replay(wanted, waiter, reply, payloads.unpack(reply.getBody()), response);
        } else {
          whole.answer(wanted, response, reply);
        }
        yield true;
      }
      case Next.Refused(var refusal) -> throw refusal;
      case Next.Dropped(var reason) -> throw dropped(wanted, reason);
      case Next.Broken(var reason) -> {
        broken(wanted, reason);
        throw new ApiException(ErrorCode.INTERNAL_ERROR, "The answer was lost on its way.");
      }
      case Next.Complete _ ->
          throw new IllegalStateException("a stream without pieces is not complete");
      case Next.Silence _ -> {
        log.cancel(wanted, "the caller's time ran out");
        throw WholeAnswers.deadlineExceeded();
      }
    };
  }

  /** A stream that has been before: its events are all there. */
  private void replay(
      Wanted wanted,
      StreamWaiter waiter,
      ReplyFinished reply,
      byte[] events,
      ServerResponse response) {
    var frames = new EventStream(response, waiter);
    AnswerHeaders.of(wanted.surface(), reply, log.now(), response);
    Routes.replayed(wanted.surface(), response, Objects.requireNonNull(reply.getReplayOf()));
    stalled.watch(waiter);
    try {
      frames.begin(wanted.surface(), null, log.now());
      // in parts, so that one who reads slowly is not taken for one who does not read
      for (int at = 0; at < events.length; at += REPLAYED_AT_ONCE) {
        var length = Math.min(REPLAYED_AT_ONCE, events.length - at);
        frames.write(List.of(ByteBuffer.wrap(events, at, length)));
      }
      frames.end();
    } catch (EventStream.Gone e) {
      throw dropped(wanted, e.reason());
    } finally {
      stalled.forget(waiter);
    }
  }

  /** One stream from its first piece on. One thread. */
  private final class Relay {

    private final Wanted wanted;
    private final StreamWaiter waiter;
    private final ServerResponse response;
    private final Begun begun;

    Relay(Wanted wanted, StreamWaiter waiter, ServerResponse response) {
      this.wanted = wanted;
      this.waiter = waiter;
      this.response = response;
      this.begun = new Begun(wanted.surface());
    }

    boolean run(List<ByteBuffer> first, long end) throws IOException {
      var frames = new EventStream(response, waiter);
      try {
        frames.begin(wanted.surface(), waiter.head(), log.now());
        write(frames, first);
        while (true) {
          switch (waiter.next(shorter(until(end), limits.keepAlive()))) {
            case Next.Pieces(var pieces) -> write(frames, pieces);
            case Next.Complete _ -> {
              frames.end();
              return true;
            }
            case Next.Ended(var reply) -> {
              error(frames, reply);
              return true;
            }
            case Next.Refused(var refusal) -> {
              error(frames, refusal);
              return true;
            }
            case Next.Broken(var reason) -> {
              broken(wanted, reason);
              error(
                  frames,
                  new ApiException(
                      ErrorCode.INTERNAL_ERROR, "The answer was interrupted; ask again."));
              return false;
            }
            case Next.Dropped(var reason) -> throw dropped(wanted, reason);
            case Next.Silence _ -> {
              if (until(end).isPositive()) {
                frames.comment();
              } else {
                log.cancel(wanted, "the caller's time ran out");
                error(frames, WholeAnswers.deadlineExceeded());
                return false;
              }
            }
          }
        }
      } catch (EventStream.Gone e) {
        throw dropped(wanted, e.reason());
      } catch (InterruptedException e) {
        log.cancel(wanted, "this instance is shutting down");
        ended(frames, new ApiException(ErrorCode.NOT_READY, "This instance is shutting down."));
        return false;
      }
    }

    private void write(EventStream frames, List<ByteBuffer> pieces) throws EventStream.Gone {
      for (var piece : pieces) {
        begun.sent(piece);
      }
      frames.write(pieces);
    }

    private void error(EventStream frames, ReplyFinished reply)
        throws IOException, EventStream.Gone {
      var body = reply.getBody() == null ? null : payloads.unpack(reply.getBody());
      var status = Math.max(reply.getHttpStatus(), ErrorCode.INVALID_REQUEST.httpStatus());
      frames.write(
          List.of(
              ByteBuffer.wrap(
                  ErrorFrames.of(wanted.surface(), status, body, begun, wanted.requestId()))));
      frames.end();
    }

    private void error(EventStream frames, ApiException refusal) throws EventStream.Gone {
      var body =
          ErrorEnvelope.json(
              refusal.code(), refusal.param(), refusal.message(), wanted.requestId());
      var status = refusal.code().httpStatus();
      frames.write(
          List.of(
              ByteBuffer.wrap(
                  ErrorFrames.of(wanted.surface(), status, body, begun, wanted.requestId()))));
      frames.end();
    }

    /** The last word of an instance that stops; who has gone by then need not hear it. */
    private void ended(EventStream frames, ApiException refusal) {
      try {
        error(frames, refusal);
      } catch (EventStream.Gone e) {
        throw new CloseConnectionException(e.reason());
      }
    }
  }

  private CloseConnectionException dropped(Wanted wanted, String reason) {
    log.cancel(wanted, reason);
    LOG.atInfo()
        .addKeyValue(LogKeys.REQUEST, wanted.requestId())
        .addKeyValue(LogKeys.STATE, reason)
        .log("a stream's caller has gone");
    return new CloseConnectionException(reason);
  }

  private void broken(Wanted wanted, String reason) {
    log.cancel(wanted, reason);
    LOG.atWarn()
        .addKeyValue(LogKeys.REQUEST, wanted.requestId())
        .addKeyValue(LogKeys.STATE, reason)
        .log("a stream cannot go on");
  }

  private static Duration until(long end) {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  private static Duration shorter(Duration left, Duration right) {
    return left.compareTo(right) < 0 ? left : right;
  }

  /** Bytes that wait for callers to read them. */
  long waitingBytes() {
    return room.taken();
  }

  @Override
  public void close() {
    stalled.close();
  }
}
