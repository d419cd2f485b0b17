package io.penstock.router.route;

import io.penstock.router.admit.Admission.Admitted;
import io.penstock.router.admit.Afterwards;
import io.penstock.router.admit.RoutingTable;
import io.penstock.router.price.CustomerPrice;
import io.penstock.router.select.PricedTarget;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Continuation;
import io.penstock.schemas.avro.ContinueBy;
import io.penstock.schemas.avro.Delivered;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.MidStream;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.PinnedTarget;
import io.penstock.schemas.avro.RequestTicket;
import io.penstock.schemas.avro.RouteExplanation;
import io.penstock.schemas.avro.Surface;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the ticket of a request, and calls from it. */
final class Tickets {

  private Tickets() {}

  static RequestTicket admitted(InferenceRequested request, Admitted admitted) {
    var route = admitted.route();
    var explain = explain(request);
    var ticket = ticket(request);
    ticket.setTargets(admitted.selected().targets().stream().map(PricedTarget::pinned).toList());
    ticket.setAttemptsMax(route.attemptsMax());
    ticket.setHoldNanoUsd(admitted.hold().amount().nanoUsd());
    ticket.setHolds(admitted.hold().held());
    if (admitted.customer() instanceof CustomerPrice.Ruled ruled) {
      ticket.setPriceRule(ruled.rule());
    }
    ticket.setPolicy(route.policy());
    ticket.setCostMaxNanoUsd(route.costMaxNanoUsd());
    ticket.setLimitAccounts(admitted.paced().taking().accounts());
    ticket.setRateLimits(admitted.paced().status());
    // a caller who waits and has not asked will never see it
    if (explain || request.getAnswerTo() != AnswerTo.REPLY) {
      ticket.setExplanation(admitted.selected().explanation());
    }
    return ticket;
  }

  static RequestTicket refused(InferenceRequested request, @Nullable RouteExplanation explanation) {
    var ticket = ticket(request);
    ticket.setExplanation(explanation);
    return ticket;
  }

  /** Whether it was refused, or came too late, so that no call was made for it. */
  static boolean neverCalled(RequestTicket ticket) {
    return ticket.getAttemptsMax() == 0 && ticket.getLane() == Lane.INTERACTIVE;
  }

  /** As if it had been admitted when it was accepted, with nothing held. */
  static RequestTicket admittedBefore(RequestTicket ticket, RoutingTable table) {
    var terms = Afterwards.of(question(ticket), table);
    return RequestTicket.newBuilder(ticket)
        .setTargets(terms.targets())
        .setPriceRule(terms.rule())
        .setHolds(terms.accounts())
        .setAttemptsMax(1)
        .build();
  }

  /** What a ticket still knows of the question: all but its body. */
  private static InferenceRequested question(RequestTicket ticket) {
    return InferenceRequested.newBuilder()
        .setRequestId(ticket.getRequestId())
        .setOrganization(ticket.getOrganization())
        .setApiKey(ticket.getApiKey())
        .setProject(ticket.getProject())
        .setTeam(ticket.getTeam())
        .setEndUser(ticket.getEndUser())
        .setTags(ticket.getTags())
        .setModel(ticket.getModel())
        .setSurface(ticket.getSurface())
        .setLane(ticket.getLane())
        .setAnswerTo(ticket.getAnswerTo())
        .setServiceTier(ticket.getServiceTier())
        .setFacts(ticket.getFacts())
        .setBody(new Payload(null, null, 0L, null))
        .setAcceptedAt(Instant.ofEpochMilli(ticket.getAcceptedAtMs()))
        .setDeadlineAt(Instant.ofEpochMilli(ticket.getDeadlineAtMs()))
        .build();
  }

  private static RequestTicket ticket(InferenceRequested request) {
    return new RequestTicket(
        request.getRequestId(),
        request.getOrganization(),
        request.getApiKey(),
        request.getProject(),
        request.getTeam(),
        request.getEndUser(),
        request.getTags(),
        request.getJob(),
        request.getLine(),
        request.getModel(),
        request.getSurface(),
        request.getLane(),
        request.getAnswerTo(),
        request.getReply(),
        request.getFacts(),
        request.getAcceptedAt().toEpochMilli(),
        request.getDeadlineAt().toEpochMilli(),
        List.of(),
        0,
        0L,
        List.of(),
        List.of(),
        null,
        null,
        List.of(),
        request.getServiceTier(),
        null,
        null,
        null,
        explain(request),
        request.getIdempotencyKey(),
        request.getFingerprint());
  }

  /** Without its holds: nothing can be posted for it any more. */
  static RequestTicket settled(RequestTicket ticket) {
    return ticket.getHolds().isEmpty()
        ? ticket
        : new RequestTicket(
            ticket.getRequestId(),
            ticket.getOrganization(),
            ticket.getApiKey(),
            ticket.getProject(),
            ticket.getTeam(),
            ticket.getEndUser(),
            ticket.getTags(),
            ticket.getJob(),
            ticket.getLine(),
            ticket.getModel(),
            ticket.getSurface(),
            ticket.getLane(),
            ticket.getAnswerTo(),
            ticket.getReply(),
            ticket.getFacts(),
            ticket.getAcceptedAtMs(),
            ticket.getDeadlineAtMs(),
            ticket.getTargets(),
            ticket.getAttemptsMax(),
            ticket.getHoldNanoUsd(),
            ticket.getHoldAccounts(),
            List.of(),
            ticket.getPriceRule(),
            ticket.getRateLimits(),
            ticket.getLimitAccounts(),
            ticket.getServiceTier(),
            ticket.getPolicy(),
            ticket.getCostMaxNanoUsd(),
            ticket.getExplanation(),
            ticket.getExplain(),
            ticket.getIdempotencyKey(),
            ticket.getFingerprint());
  }

  private static boolean explain(InferenceRequested request) {
    var preferences = request.getPreferences();
    return preferences != null && preferences.getExplain();
  }

  /** Whether a stream goes straight to a caller who waits, so that his hanging up ends it. */
  static boolean streams(RequestTicket ticket) {
    return ticket.getFacts().getStream() && ticket.getAnswerTo() == AnswerTo.REPLY;
  }

  /** Whether a stream that broke off may be gone on with. */
  static boolean continues(RequestTicket ticket, Delivered delivered) {
    var policy = ticket.getPolicy();
    return policy != null
        && policy.getMidStream() == MidStream.CONTINUE
        && delivered.getContinuable();
  }

  /** A call; it goes on from what the caller has seen, if he has. */
  static CallAssigned call(
      RequestTicket ticket, Progress progress, int number, int index, Payload body, Instant at) {
    var target = ticket.getTargets().get(index);
    return new CallAssigned(
        ticket.getRequestId(),
        ticket.getOrganization(),
        number,
        target.getPool(),
        target.getUpstreamModel(),
        ticket.getSurface(),
        ticket.getLane(),
        ticket.getAnswerTo(),
        ticket.getReply(),
        ticket.getLine(),
        ticket.getFacts(),
        ticket.getPolicy(),
        continuation(progress, target),
        ticket.getExplain() ? ticket.getExplanation() : null,
        ticket.getRateLimits(),
        outputLimit(ticket, target),
        body,
        at,
        Instant.ofEpochMilli(ticket.getDeadlineAtMs()),
        null);
  }

  /** A target that has rejected the beginning of an answer gets the question alone. */
  private static @Nullable Continuation continuation(Progress progress, PinnedTarget target) {
    var delivered = progress.delivered();
    if (delivered == null) {
      return null;
    }
    var prefill = target.getPrefill() && progress.failures(target, FailureKind.BAD_REQUEST) == 0;
    return new Continuation(delivered, prefill ? ContinueBy.PREFILL : ContinueBy.SPLICE);
  }

  /** The limit that the hold counts on, where the caller has set none of his own. */
  private static @Nullable Long outputLimit(RequestTicket ticket, PinnedTarget target) {
    var unlimited =
        ticket.getFacts().getOutputTokensMax() == null
            && ticket.getSurface() != Surface.OPENAI_EMBEDDINGS;
    return unlimited ? target.getOutputTokensMax() : null;
  }

  /**
   * Index of the target that a call was made for; a given one when the request has no such target.
   */
  static int target(RequestTicket ticket, CallAssigned call, int otherwise) {
    var targets = ticket.getTargets();
    for (int i = 0; i < targets.size(); i++) {
      if (targets.get(i).getPool().equals(call.getPool())
          && targets.get(i).getUpstreamModel().equals(call.getUpstreamModel())) {
        return i;
      }
    }
    return otherwise;
  }
}
