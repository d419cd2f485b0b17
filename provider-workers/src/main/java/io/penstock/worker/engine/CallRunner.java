package io.penstock.worker.engine;

import io.penstock.platform.blob.Payloads;
import io.penstock.platform.config.ConfigException;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.Dialect;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.engine.Dispatcher.Refusal;
import io.penstock.worker.http.UpstreamClient;
import io.penstock.worker.http.UpstreamRequest;
import io.penstock.worker.http.UpstreamResult;
import io.penstock.worker.http.UpstreamResult.Answered;
import io.penstock.worker.http.UpstreamResult.CutOff;
import io.penstock.worker.http.UpstreamResult.NotConnected;
import io.penstock.worker.http.UpstreamResult.OutOfTime;
import io.penstock.worker.http.UpstreamResult.TimedOut;
import io.penstock.worker.http.UpstreamResult.TooLarge;
import io.penstock.worker.limit.Feedback;
import io.penstock.worker.limit.RateHeaders;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Makes one call, start to end, and says how it ended. Thread-safe; blocks its caller. */
final class CallRunner {

  private static final byte[] NOTHING = {};

  private final UpstreamClient client;
  private final Payloads payloads;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private volatile Target target;

  private record Target(PoolSettings pool, Credential credential) {}

  CallRunner(
      PoolSettings pool,
      UpstreamClient client,
      Payloads payloads,
      InstantSource clock,
      LongSupplier nanos) {
    this.client = client;
    this.payloads = payloads;
    this.clock = clock;
    this.nanos = nanos;
    this.target = new Target(pool, new Credential(pool.credential()));
  }

  /** Calls that begin from now on use other settings. */
  void configure(PoolSettings pool) {
    target = new Target(pool, new Credential(pool.credential()));
  }

  /** Makes a call. */
  CallEnd run(Call call, long tokensReserved) {
    var started = clock.instant();
    var assigned = call.assigned();
    if (!assigned.getDeadlineAt().isAfter(started)) {
      return failed(assigned, deadlinePassed(), null, null, started, unused(tokensReserved));
    }
    var now = target;
    var dialect = now.pool().dialect();
    if (dialect == null) {
      return notMade(
          assigned,
          FailureKind.NOT_FOUND,
          "the pool's dialect is not known here",
          started,
          tokensReserved);
    }
    try {
      var body = dialect.request(assigned, payloads.unpack(assigned.getBody()), now.pool().host());
      return post(call, now, dialect, body, started, tokensReserved);
    } catch (UnsupportedCallException e) {
      return notMade(
          assigned, FailureKind.BAD_REQUEST, e.getMessage() + "", started, tokensReserved);
    } catch (ConfigException e) {
      return notMade(
          assigned, FailureKind.AUTHENTICATION, e.getMessage() + "", started, tokensReserved);
    } catch (IOException e) {
      return notMade(
          assigned, FailureKind.UNKNOWN, "the request's body is gone", started, tokensReserved);
    }
  }

  /** Ends a call that is not made. */
  CallFailed refused(Call call, Refusal refusal) {
    var failure =
        switch (refusal) {
          case Refusal.DeadlinePassed() -> deadlinePassed();
          case Refusal.Paused(var left) ->
              new Failure(
                  FailureKind.RATE_LIMITED,
                  null,
                  null,
                  "the provider asked to be left alone",
                  Math.max(1, left.toMillis()),
                  null);
        };
    return record(call.assigned(), failure, null, null, clock.instant());
  }

  /** Ends a call that we failed to make, or to read. */
  CallFailed broken(Call call) {
    return record(
        call.assigned(),
        failure(FailureKind.UNKNOWN, null, "the worker failed"),
        null,
        null,
        clock.instant());
  }

  private CallEnd post(
      Call call, Target now, Dialect dialect, byte[] body, Instant started, long tokensReserved) {
    var assigned = call.assigned();
    var uri = URI.create(now.pool().base() + dialect.path(assigned.getSurface()));
    var credential = now.credential().value();
    var startedNanos = nanos.getAsLong();
    var result = client.post(request(call, now, dialect, uri, body, credential));
    if (result instanceof Answered(var status, _, _, _)
        && status == 401
        && now.credential().renewed(credential)) {
      // nothing was done with the old credential, so this is still the same call
      credential = now.credential().value();
      result = client.post(request(call, now, dialect, uri, body, credential));
    }
    var end = end(assigned, dialect, result, started, startedNanos, tokensReserved);
    return credential == null ? end : withoutCredential(end, credential);
  }

  private UpstreamRequest request(
      Call call, Target now, Dialect dialect, URI uri, byte[] body, @Nullable String credential) {
    var assigned = call.assigned();
    var headers = new HashMap<>(dialect.credentialHeaders(credential));
    headers.put("accept", "application/json");
    headers.put("x-penstock-request-id", assigned.getRequestId());
    headers.put("x-penstock-attempt", Integer.toString(assigned.getAttempt()));
    headers.put("x-request-id", assigned.getRequestId());
    var traceparent = call.traceparent();
    if (traceparent != null) {
      headers.put("traceparent", traceparent);
    }
    var left = Duration.between(clock.instant(), assigned.getDeadlineAt());
    return new UpstreamRequest(
        uri, headers, body, now.pool().timeouts().within(left.isNegative() ? Duration.ZERO : left));
  }

  private CallEnd end(
      CallAssigned call,
      Dialect dialect,
      UpstreamResult result,
      Instant started,
      long startedNanos,
      long tokensReserved) {
    return switch (result) {
      case Answered answered ->
          answered(call, dialect, answered, started, startedNanos, tokensReserved);
      case NotConnected(var message) ->
          failed(
              call,
              failure(FailureKind.CONNECT, null, message),
              null,
              null,
              started,
              unused(tokensReserved));
      case TimedOut(var message) ->
          inDoubt(
              call,
              failure(FailureKind.TIMEOUT, null, message),
              dialect.estimate(call, NOTHING),
              started,
              tokensReserved);
      case OutOfTime(var message, var status) ->
          inDoubt(
              call,
              call.getDeadlineAt().isAfter(clock.instant())
                  ? failure(FailureKind.TIMEOUT, status, message)
                  : failure(
                      FailureKind.DEADLINE, status, "the request's deadline passed meanwhile"),
              dialect.estimate(call, NOTHING),
              started,
              tokensReserved);
      case CutOff(var message, var status, var part) -> {
        if (status != null && status >= 300) {
          var reading = dialect.readError(status, Headers.NONE, part, clock.instant());
          yield failed(
              call,
              reading.failure(),
              reading.usage(),
              null,
              started,
              feedback(tokensReserved, reading.failure(), reading.usage(), RateHeaders.NONE));
        }
        yield inDoubt(
            call,
            failure(FailureKind.CUT, status, message),
            dialect.estimate(call, part),
            started,
            tokensReserved);
      }
      case TooLarge(var message, var status) ->
          inDoubt(
              call,
              failure(FailureKind.UNUSABLE, status, message),
              dialect.estimate(call, NOTHING),
              started,
              tokensReserved);
    };
  }

  private CallEnd answered(
      CallAssigned call,
      Dialect dialect,
      Answered answered,
      Instant started,
      long startedNanos,
      long tokensReserved) {
    var now = clock.instant();
    var reading =
        answered.status() == 200
            ? dialect.read(call, answered.body())
            : dialect.readError(answered.status(), answered.headers(), answered.body(), now);
    var limits = RateHeaders.parse(answered.headers()::value, now);
    var providerRequestId = dialect.providerRequestId(answered.headers());
    return switch (reading) {
      case Reading.Failed(var failure, var usage) ->
          failed(
              call,
              failure,
              usage,
              providerRequestId,
              started,
              feedback(tokensReserved, failure, usage, limits));
      case Reading.Usable(var usage, var finishReason) -> {
        var firstByte = started.plusNanos(Math.max(0, answered.headNanos() - startedNanos));
        try {
          yield succeeded(
              call,
              answered,
              usage,
              finishReason,
              providerRequestId,
              started,
              firstByte,
              new Feedback(tokensReserved, counted(usage), Feedback.Kind.TAKEN, null, limits));
        } catch (IOException e) {
          // it was served and is billed, but there is nowhere to put it
          yield failed(
              call,
              failure(FailureKind.UNKNOWN, 200, "the answer could not be stored"),
              usage,
              providerRequestId,
              started,
              new Feedback(tokensReserved, counted(usage), Feedback.Kind.TAKEN, null, limits));
        }
      }
    };
  }

  private CallEnd succeeded(
      CallAssigned call,
      Answered answered,
      TokenUsage usage,
      @Nullable String finishReason,
      @Nullable String providerRequestId,
      Instant started,
      Instant firstByte,
      Feedback feedback)
      throws IOException {
    var payload =
        payloads.pack("answers/" + call.getRequestId() + "/" + call.getAttempt(), answered.body());
    var finished =
        new CallFinished(
            call.getRequestId(),
            call.getOrganization(),
            call.getAttempt(),
            call.getPool(),
            call.getUpstreamModel(),
            call.getLane(),
            answered.status(),
            providerRequestId,
            usage,
            finishReason,
            call.getAnswerTo() == AnswerTo.REPLY ? null : payload,
            started,
            firstByte,
            clock.instant());
    return new CallEnd.Succeeded(finished, reply(call, answered.status(), payload), feedback);
  }

  private static @Nullable ReplyFinished reply(CallAssigned call, int status, Payload payload) {
    var address = call.getReply();
    if (address == null || call.getAnswerTo() == AnswerTo.RESULT) {
      return null;
    }
    return new ReplyFinished(
        call.getRequestId(),
        address.getInstance(),
        call.getAttempt(),
        status,
        payload,
        0,
        null,
        java.util.List.of(),
        call.getExplanation(),
        null,
        call.getPool(),
        call.getUpstreamModel());
  }

  private CallEnd notMade(
      CallAssigned call, FailureKind kind, String message, Instant started, long tokensReserved) {
    return failed(call, failure(kind, null, message), null, null, started, unused(tokensReserved));
  }

  private CallEnd inDoubt(
      CallAssigned call,
      Failure failure,
      TokenUsage estimate,
      Instant started,
      long tokensReserved) {
    return failed(
        call,
        failure,
        estimate,
        null,
        started,
        new Feedback(tokensReserved, null, Feedback.Kind.TAKEN, null, RateHeaders.NONE));
  }

  private CallEnd failed(
      CallAssigned call,
      Failure failure,
      @Nullable TokenUsage usage,
      @Nullable String providerRequestId,
      Instant started,
      Feedback feedback) {
    return new CallEnd.Failed(record(call, failure, usage, providerRequestId, started), feedback);
  }

  private CallFailed record(
      CallAssigned call,
      Failure failure,
      @Nullable TokenUsage usage,
      @Nullable String providerRequestId,
      Instant started) {
    return new CallFailed(
        call.getRequestId(),
        call.getOrganization(),
        call.getAttempt(),
        failure,
        usage,
        providerRequestId,
        null,
        call,
        started,
        clock.instant());
  }

  private static Failure deadlinePassed() {
    return failure(
        FailureKind.DEADLINE, null, "the request's deadline passed before the call began");
  }

  private static Failure failure(FailureKind kind, @Nullable Integer status, String message) {
    return new Failure(kind, status, null, message, null, null);
  }

  private static Feedback unused(long tokensReserved) {
    return Feedback.unused(tokensReserved);
  }

  private static Feedback feedback(
      long tokensReserved, Failure failure, @Nullable TokenUsage usage, RateHeaders limits) {
    var kind =
        switch (failure.getKind()) {
          case RATE_LIMITED -> Feedback.Kind.RATE_LIMITED;
          case OVERLOADED -> Feedback.Kind.OVERLOADED;
          default -> Feedback.Kind.TAKEN;
        };
    var wait = failure.getRetryAfterMs();
    Long used =
        usage != null && usage.getSource() == UsageSource.PROVIDER
            ? counted(usage)
            : kind == Feedback.Kind.TAKEN ? null : (Long) 0L;
    return new Feedback(
        tokensReserved, used, kind, wait == null ? null : Duration.ofMillis(wait), limits);
  }

  private static @Nullable Long counted(TokenUsage usage) {
    return usage.getSource() == UsageSource.PROVIDER
        ? (Long) (Tokens.input(usage) + Tokens.output(usage))
        : null;
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
