package io.penstock.router.route;

import io.penstock.router.admit.Admission.Admitted;
import io.penstock.router.admit.PricedTarget;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.PinnedTarget;
import io.penstock.schemas.avro.RequestTicket;
import io.penstock.schemas.avro.Surface;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the ticket of a request, and calls from it. */
final class Tickets {

  private Tickets() {}

  static RequestTicket admitted(InferenceRequested request, Admitted admitted) {
    var targets = admitted.targets().stream().map(PricedTarget::pinned).toList();
    return ticket(
        request,
        targets,
        admitted.route().attemptsMax(),
        admitted.hold().amount().nanoUsd(),
        admitted.hold().names());
  }

  static RequestTicket refused(InferenceRequested request) {
    return ticket(request, List.of(), 0, 0, List.of());
  }

  private static RequestTicket ticket(
      InferenceRequested request,
      List<PinnedTarget> targets,
      int attemptsMax,
      long hold,
      List<String> accounts) {
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
        targets,
        attemptsMax,
        hold,
        accounts,
        null,
        null,
        null,
        false);
  }

  static CallAssigned call(RequestTicket ticket, int number, int index, Payload body, Instant at) {
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
        null,
        ticket.getExplain() ? ticket.getExplanation() : null,
        outputLimit(ticket, target),
        body,
        at,
        Instant.ofEpochMilli(ticket.getDeadlineAtMs()));
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
