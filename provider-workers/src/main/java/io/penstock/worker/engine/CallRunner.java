package io.penstock.worker.engine;

import io.penstock.platform.blob.Payloads;
import io.penstock.platform.config.ConfigException;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.ReplyHead;
import io.penstock.worker.dialect.Exchange;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.engine.Dispatcher.Refusal;
import io.penstock.worker.http.AnswerRoom;
import io.penstock.worker.http.Cancellation;
import io.penstock.worker.http.UpstreamClient;
import io.penstock.worker.http.UpstreamRequest;
import io.penstock.worker.http.UpstreamResult;
import io.penstock.worker.http.UpstreamResult.Answered;
import io.penstock.worker.http.UpstreamResult.Broken;
import io.penstock.worker.http.UpstreamResult.Streamed;
import io.penstock.worker.stream.ReplyStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes one call, start to end, and says how it ended. Thread-safe; blocks its caller. */
final class CallRunner {

  private static final Logger LOG = LoggerFactory.getLogger(CallRunner.class);

  private final Outside outside;
  private final Set<StreamedAnswer> streams = ConcurrentHashMap.newKeySet();
  private volatile PoolSettings pool;

  /**
   * What calls have to do with.
   *
   * @param memory what large bodies share
   * @param log where pieces of streams go
   * @param exchanges translates calls
   * @param timer tells when pieces are due
   * @param heldBytesMax largest stream that is kept until its end
   * @param clock wall clock
   * @param nanos monotonic clock
   */
  record Outside(
      UpstreamClient client,
      CallMemory memory,
      Payloads payloads,
      CallLog log,
      Cancels cancels,
      ExchangeSource exchanges,
      ScheduledExecutorService timer,
      int heldBytesMax,
      InstantSource clock,
      LongSupplier nanos) {}

  /** Translates calls between their callers' languages and a pool's. */
  interface ExchangeSource {
    /**
     * One call; null when the pool's dialect is not known.
     *
     * @throws UnsupportedCallException when the call cannot be said in it
     */
    @Nullable Exchange of(PoolSettings pool, CallAssigned call, byte[] body);
  }

  CallRunner(PoolSettings pool, Outside outside) {
    this.pool = pool;
    this.outside = outside;
  }

  /** Calls that begin from now on use other settings. */
  void configure(PoolSettings newPool) {
    pool = newPool;
  }

  /**
   * Makes a call.
   *
   * @param credential of the provider, for this call
   * @param tokensReserved what its permit reserved
   */
  CallEnd run(Call call, Credential credential, long tokensReserved) {
    var assigned = call.assigned();
    var attempt =
        new CallAttempt(
            assigned,
            // as records keep it, so that all of them name the same start
            outside.clock().instant().truncatedTo(ChronoUnit.MILLIS),
            outside.nanos().getAsLong(),
            tokensReserved,
            outside.payloads(),
            outside.clock());
    try (var ticket = outside.cancels().begin(assigned.getRequestId());
        var memory = outside.memory().enter()) {
      if (ticket.cancellation().cancelled()) {
        return attempt.notMade(Failures.cancelled());
      }
      if (!assigned.getDeadlineAt().isAfter(attempt.started())) {
        return attempt.notMade(Failures.deadlinePassed());
      }
      if (!hasRoom(memory, assigned, ticket.cancellation())) {
        return attempt.notMade(
            ticket.cancellation().cancelled() ? Failures.cancelled() : Failures.deadlinePassed());
      }
      return make(call, attempt, credential, ticket.cancellation(), memory);
    } catch (UnsupportedCallException e) {
      return attempt.notMade(unsupported(e));
    } catch (ConfigException e) {
      return attempt.notMade(
          Failures.of(FailureKind.AUTHENTICATION, null, String.valueOf(e.getMessage())));
    } catch (IOException e) {
      return attempt.notMade(Failures.of(FailureKind.UNKNOWN, null, "the request's body is gone"));
    }
  }

  /** Waits for memory for a large prompt, until nobody wants its answer any more. */
  private boolean hasRoom(CallMemory.Share memory, CallAssigned call, Cancellation cancellation) {
    var bytes = call.getBody().getSize();
    return bytes <= CallMemory.FREE_BYTES
        || memory.take(
            bytes,
            () ->
                cancellation.cancelled()
                    || !call.getDeadlineAt().isAfter(outside.clock().instant()));
  }

  private static Failure unsupported(UnsupportedCallException e) {
    return new Failure(
        FailureKind.BAD_REQUEST,
        null,
        e.parameter() == null ? null : "unsupported_parameter",
        String.valueOf(e.getMessage()),
        null,
        null);
  }

  private CallEnd make(
      Call call,
      CallAttempt attempt,
      Credential credential,
      Cancellation cancellation,
      AnswerRoom room)
      throws IOException {
    var now = pool;
    var assigned = call.assigned();
    var exchange =
        outside.exchanges().of(now, assigned, outside.payloads().unpack(assigned.getBody()));
    if (exchange == null) {
      return attempt.notMade(
          Failures.of(FailureKind.NOT_FOUND, null, "the pool's dialect is not known here"));
    }
    var line = new Line(call, now, exchange, credential, cancellation, room);
    return exchange.outgoing().stream() ? streamed(line, attempt) : whole(line, attempt);
  }

  /** Ends a call that is not made. */
  CallFailed refused(Call call, Refusal refusal) {
    return unmade(call, Failures.of(refusal));
  }

  /** Ends a call that we failed to make, or to read. */
  CallFailed broken(Call call) {
    return unmade(call, Failures.of(FailureKind.UNKNOWN, null, "the worker failed"));
  }

  private CallFailed unmade(Call call, Failure failure) {
    var now = outside.clock().instant();
    var continuation = call.assigned().getContinuation();
    var delivered = continuation == null ? null : continuation.getDelivered();
    return CallAttempt.failed(call.assigned(), failure, null, null, delivered, now, now);
  }

  /** Breaks off the streams that callers have begun to see, because the process ends. */
  void handOverStreams() {
    streams.forEach(StreamedAnswer::handOver);
  }

  /** What is needed to speak to the provider about one call. */
  private record Line(
      Call call,
      PoolSettings pool,
      Exchange exchange,
      Credential credential,
      Cancellation cancellation,
      AnswerRoom room) {}

  private CallEnd whole(Line line, CallAttempt attempt) {
    return asked(
        line,
        request -> outside.client().post(request, line.cancellation()),
        result ->
            switch (result) {
              case Answered answered -> WholeAnswer.end(attempt, line.exchange(), answered);
              case Broken broken -> WholeAnswer.end(attempt, line.exchange(), broken);
              case Streamed() -> throw new IllegalStateException("nobody asked for a stream");
            });
  }

  private CallEnd streamed(Line line, CallAttempt attempt) {
    var answer =
        new StreamedAnswer(
            attempt,
            line.exchange(),
            replies(line, attempt),
            line.cancellation(),
            outside.heldBytesMax(),
            line.room());
    streams.add(answer);
    try {
      return asked(
          line,
          request -> outside.client().stream(request, answer, line.cancellation()),
          result ->
              switch (result) {
                case Answered answered when answered.status() == 200 -> answer.end(answered);
                case Answered answered -> WholeAnswer.end(attempt, line.exchange(), answered);
                case Broken broken -> answer.end(broken);
                case Streamed() -> answer.end();
              });
    } catch (RuntimeException e) {
      var end = answer.broken();
      if (end == null) {
        throw e;
      }
      // the caller has seen the beginning, so the router must know how far it got
      LOG.atError()
          .addKeyValue(LogKeys.POOL, line.pool().name())
          .addKeyValue(LogKeys.REQUEST, attempt.call().getRequestId())
          .setCause(e)
          .log("stream ended by a failure of the worker");
      return end;
    } finally {
      streams.remove(answer);
    }
  }

  private @Nullable ReplyStream replies(Line line, CallAttempt attempt) {
    var call = attempt.call();
    var address = call.getReply();
    if (address == null || call.getAnswerTo() == AnswerTo.RESULT) {
      return null;
    }
    var before = attempt.deliveredBefore();
    return new ReplyStream(
        new ReplyStream.Start(
            call.getRequestId(),
            address.getInstance(),
            call.getAttempt(),
            attempt.started(),
            before == null ? 0 : before.getPieces(),
            new ReplyHead(
                call.getPool(),
                call.getUpstreamModel(),
                line.exchange().outgoing().warnings(),
                call.getExplanation(),
                call.getRateLimits())),
        (piece, written) -> outside.log().piece(address, piece, written),
        outside.timer(),
        outside.nanos());
  }

  /** Asks the provider, a second time only where the credential has changed meanwhile. */
  private CallEnd asked(
      Line line,
      Function<UpstreamRequest, UpstreamResult> ask,
      Function<UpstreamResult, CallEnd> read) {
    var credential = line.credential().value();
    var result = ask.apply(request(line, credential));
    if (result instanceof Answered(var status, _, _, _)
        && status == 401
        && line.credential().renewed(credential)) {
      // nothing was done with the old credential, so this is still the same call
      credential = line.credential().value();
      result = ask.apply(request(line, credential));
    }
    var end = read.apply(result);
    return credential == null ? end : withoutCredential(end, credential);
  }

  private UpstreamRequest request(Line line, @Nullable String credential) {
    var assigned = line.call().assigned();
    var outgoing = line.exchange().outgoing();
    var headers = new HashMap<>(line.pool().headers(credential));
    headers.putAll(outgoing.headers());
    headers.put("accept", outgoing.stream() ? "text/event-stream" : "application/json");
    headers.put("x-penstock-request-id", assigned.getRequestId());
    headers.put("x-penstock-attempt", Integer.toString(assigned.getAttempt()));
    headers.put("x-request-id", assigned.getRequestId());
    var traceparent = line.call().traceparent();
    if (traceparent != null) {
      headers.put("traceparent", traceparent);
    }
    var left = Duration.between(outside.clock().instant(), assigned.getDeadlineAt());
    return new UpstreamRequest(
        URI.create(line.pool().base() + outgoing.path()),
        headers,
        outgoing.body(),
        line.pool().timeouts(assigned.getPolicy()).within(left.isNegative() ? Duration.ZERO : left),
        line.room());
  }

  /** Some servers repeat the credential in their complaint about it. */
  private static CallEnd withoutCredential(CallEnd end, String credential) {
    if (!(end instanceof CallEnd.Failed(var failed, _))) {
      return end;
    }
    var failure = failed.getFailure();
    if (failure.getMessage().contains(credential)) {
      failure.setMessage(failure.getMessage().replace(credential, "***"));
    }
    var body = failure.getBody();
    if (body != null && text(body).contains(credential)) {
      failure.setBody(null);
    }
    return end;
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }
}
