package io.penstock.router.route;

import io.penstock.router.budget.PricedUsage;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.ChargeLine;
import io.penstock.schemas.avro.PinnedTarget;
import io.penstock.schemas.avro.RequestTicket;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageKind;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes usage records: one settlement for each admitted request, one late cost for each call that
 * ends after it.
 */
final class UsageRecords {

  private UsageRecords() {}

  /**
   * Of an answer, or of what there was of it when its caller gave up.
   *
   * @param code absent when the answer was delivered
   */
  static UsageRecorded charged(
      RequestTicket ticket,
      Progress progress,
      TokenUsage usage,
      @Nullable PinnedTarget target,
      PricedUsage priced,
      @Nullable ErrorCode code,
      Instant now) {
    var price = target == null ? null : target.getPrice();
    return record(
        ticket,
        ticket.getRequestId(),
        UsageKind.SETTLEMENT,
        code == null ? null : code.wire(),
        usage,
        price == null ? null : price.getName(),
        price == null ? null : price.getVersion(),
        priced.lines(),
        priced.total().nanoUsd(),
        ticket.getHoldNanoUsd(),
        progress.attempts(),
        now);
  }

  static UsageRecorded uncharged(
      RequestTicket ticket, Progress progress, ErrorCode code, Instant now) {
    return record(
        ticket,
        ticket.getRequestId(),
        UsageKind.SETTLEMENT,
        code.wire(),
        null,
        null,
        null,
        List.of(),
        0,
        ticket.getHoldNanoUsd(),
        progress.attempts(),
        now);
  }

  /**
   * Its id holds the start of the call too: after a crash one number may have been called twice.
   */
  static UsageRecorded late(RequestTicket ticket, Attempt attempt, Instant now) {
    var id =
        ticket.getRequestId()
            + "/"
            + attempt.getNumber()
            + "@"
            + attempt.getStartedAt().toEpochMilli();
    return record(
        ticket,
        id,
        UsageKind.LATE_COST,
        null,
        null,
        null,
        null,
        List.of(),
        0,
        0,
        List.of(attempt),
        now);
  }

  private static UsageRecorded record(
      RequestTicket ticket,
      String usageId,
      UsageKind kind,
      @Nullable String errorCode,
      @Nullable TokenUsage usage,
      @Nullable String price,
      @Nullable Long priceVersion,
      List<ChargeLine> lines,
      long charge,
      long hold,
      List<Attempt> attempts,
      Instant now) {
    var cost = 0L;
    for (var attempt : attempts) {
      cost = Math.addExact(cost, attempt.getCostNanoUsd());
    }
    return new UsageRecorded(
        usageId,
        kind,
        ticket.getRequestId(),
        ticket.getOrganization(),
        ticket.getApiKey(),
        ticket.getProject(),
        ticket.getTeam(),
        ticket.getEndUser(),
        ticket.getTags(),
        ticket.getLine() == null ? null : ticket.getLine().getBatch(),
        ticket.getModel(),
        ticket.getSurface(),
        ticket.getLane(),
        usage != null && errorCode == null,
        errorCode,
        usage,
        price,
        priceVersion,
        lines,
        charge,
        hold,
        Math.max(0, charge - hold),
        attempts,
        cost,
        Instant.ofEpochMilli(ticket.getAcceptedAtMs()),
        now);
  }
}
