package io.penstock.router.route;

import io.penstock.router.admit.Refusal;
import io.penstock.router.pace.Paced;
import io.penstock.router.route.Remembered.Answered;
import io.penstock.router.route.Remembered.Follower;
import io.penstock.router.route.Remembered.Pending;
import io.penstock.router.route.RequestEvent.Finished;
import io.penstock.router.route.RequestState.Done;
import io.penstock.router.route.RequestState.Open;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.RequestTicket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Requests that were asked for before, under the same idempotency key. All of an organisation's
 * requests come to one router, one after the other, so the first is the first everywhere.
 *
 * <p>What was answered was charged, and is answered again; who asks while it is being worked on
 * hears the same end. What failed was not charged, and is forgotten: asking again is a new try.
 */
final class Repeating {

  /** Callers who wait for one answer, besides the first. */
  static final int FOLLOWERS_MAX = 100;

  private static final Duration LATER = Duration.ofSeconds(1);

  private Repeating() {}

  /** What comes of a request that was asked for before; absent when it is the first. */
  static @Nullable Decision repeated(InferenceRequested request, World world) {
    var key = request.getIdempotencyKey();
    var known = key == null ? null : world.repeats().of(request.getOrganization(), key);
    if (key == null || known == null) {
      return null;
    }
    if (!known.fingerprint().equals(request.getFingerprint())) {
      return refused(
          request,
          ErrorCode.IDEMPOTENCY_KEY_REUSED,
          "This Idempotency-Key was used for another request: " + known.requestId() + ".",
          null,
          world.now());
    }
    return switch (known) {
      case Pending pending -> follow(request, key, pending, world.now());
      case Answered answered when answered.body() == null ->
          refused(
              request,
              ErrorCode.CONFLICT,
              "The request " + known.requestId() + " was answered, and its answer was not kept.",
              null,
              world.now());
      case Answered answered -> {
        var address = request.getReply();
        var ended = ended(request, world.now());
        yield address == null
            ? ended
            : ended.and(
                new Effect.Reply(
                    address, replay(new Follower(request.getRequestId(), address), answered)));
      }
    };
  }

  private static Decision follow(
      InferenceRequested request, String key, Pending pending, Instant now) {
    var address = request.getReply();
    if (address == null || pending.followers().size() >= FOLLOWERS_MAX) {
      return refused(
          request,
          ErrorCode.CONFLICT,
          "Too many callers wait for the answer to " + pending.requestId() + "; ask again later.",
          LATER.toMillis(),
          now);
    }
    return ended(request, now)
        .and(
            new Effect.Remember(
                request.getOrganization(),
                key,
                pending.with(new Follower(request.getRequestId(), address)),
                request.getDeadlineAt()));
  }

  /** The repetition itself is done: it never becomes a call. */
  private static Decision ended(InferenceRequested request, Instant now) {
    return Decision.of(new Done(Tickets.refused(request, null), now, List.of()));
  }

  /** Only its caller hears of it: on {@code results} there is the request that was first. */
  private static Decision refused(
      InferenceRequested request,
      ErrorCode code,
      String message,
      @Nullable Long retryAfterMillis,
      Instant now) {
    var refusal = new Refusal(code, message, Map.of(), retryAfterMillis);
    var decision = Ending.refused(request, refusal, null, Paced.UNLIMITED, now);
    return new Decision(
        decision.next(),
        decision.effects().stream().filter(Effect.Reply.class::isInstance).toList());
  }

  /** Adds to the beginning of a request that it can be asked for again. */
  static Decision begun(RequestTicket ticket, Decision decision) {
    return remembering(
        ticket,
        decision,
        fingerprint -> new Pending(ticket.getRequestId(), fingerprint, List.of()),
        Instant.ofEpochMilli(ticket.getDeadlineAtMs()));
  }

  /** Adds to the end of a request what those hear who asked again, and what is remembered of it. */
  static Decision ended(Open before, RequestEvent event, Decision decision, World world) {
    var ticket = before.ticket();
    var key = ticket.getIdempotencyKey();
    var fingerprint = ticket.getFingerprint();
    if (key == null || fingerprint == null || !(decision.next() instanceof Done)) {
      return decision;
    }
    var effects = new ArrayList<>(decision.effects());
    var followers = followers(ticket, key, world.repeats());
    if (event instanceof Finished(var outcome)) {
      var answered = answered(ticket, fingerprint, outcome);
      effects.add(new Effect.Remember(ticket.getOrganization(), key, answered, world.now()));
      if (answered.body() != null) {
        followers.forEach(
            each -> effects.add(new Effect.Reply(each.address(), replay(each, answered))));
        return new Decision(decision.next(), effects);
      }
    } else {
      effects.add(new Effect.Forget(ticket.getOrganization(), key));
    }
    tell(ticket, followers, decision, effects);
    return new Decision(decision.next(), effects);
  }

  /**
   * Whether nothing is known under a request's key, so that its answer may be charged: under one
   * key it is once.
   */
  static boolean free(RequestTicket ticket, Repeats repeats) {
    var key = ticket.getIdempotencyKey();
    return key == null || repeats.of(ticket.getOrganization(), key) == null;
  }

  /** Adds to an answer of an earlier life that it can be asked for again. */
  static Decision answeredBefore(Done state, CallFinished outcome, World world) {
    var ticket = state.ticket();
    return remembering(
        ticket,
        Ending.answeredBefore(state, outcome, world),
        fingerprint -> answered(ticket, fingerprint, outcome),
        world.now());
  }

  /** Where there is no key, nothing is remembered. */
  private static Decision remembering(
      RequestTicket ticket, Decision decision, Function<String, Remembered> known, Instant since) {
    var key = ticket.getIdempotencyKey();
    var fingerprint = ticket.getFingerprint();
    return key == null || fingerprint == null
        ? decision
        : decision.and(
            new Effect.Remember(ticket.getOrganization(), key, known.apply(fingerprint), since));
  }

  private static List<Follower> followers(RequestTicket ticket, String key, Repeats repeats) {
    return repeats.of(ticket.getOrganization(), key) instanceof Pending pending
            && pending.requestId().equals(ticket.getRequestId())
        ? pending.followers()
        : List.of();
  }

  /** Who asked again hears of a failure what the first caller hears. */
  private static void tell(
      RequestTicket ticket, List<Follower> followers, Decision decision, List<Effect> effects) {
    var told = told(ticket, decision);
    for (var each : followers) {
      var reply =
          ReplyFinished.newBuilder(told)
              .setRequestId(each.requestId())
              .setInstance(each.address().getInstance())
              .setPieces(0)
              .setStartedAt(null)
              .setReplayOf(ticket.getRequestId())
              .build();
      effects.add(new Effect.Reply(each.address(), reply));
    }
  }

  private static ReplyFinished told(RequestTicket ticket, Decision decision) {
    for (var effect : decision.effects()) {
      if (effect instanceof Effect.Reply(_, var reply)) {
        return reply;
      }
    }
    var code = ErrorCode.CONFLICT;
    var message = "The answer to " + ticket.getRequestId() + " was not kept.";
    var body = ErrorBody.of(code, message, ticket.getRequestId(), Map.of());
    return ReplyFinished.newBuilder()
        .setRequestId(ticket.getRequestId())
        .setInstance("")
        .setAttempt(0)
        .setHttpStatus(code.httpStatus())
        .setBody(body)
        .build();
  }

  private static Answered answered(RequestTicket ticket, String fingerprint, CallFinished outcome) {
    return new Answered(
        ticket.getRequestId(),
        fingerprint,
        outcome.getHttpStatus(),
        outcome.getAnswer(),
        outcome.getPool(),
        outcome.getUpstreamModel());
  }

  private static ReplyFinished replay(Follower follower, Answered answered) {
    return ReplyFinished.newBuilder()
        .setRequestId(follower.requestId())
        .setInstance(follower.address().getInstance())
        .setAttempt(0)
        .setHttpStatus(answered.httpStatus())
        .setBody(answered.body())
        .setPool(answered.pool())
        .setUpstreamModel(answered.upstreamModel())
        .setReplayOf(answered.requestId())
        .build();
  }
}
