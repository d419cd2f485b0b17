package io.penstock.router.route;

import io.penstock.router.budget.Settlement;
import io.penstock.router.price.Charge;
import io.penstock.router.price.PriceFlag;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.BudgetPosting;
import io.penstock.schemas.avro.ChargeLine;
import io.penstock.schemas.avro.RequestTicket;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageKind;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes usage records: one settlement for each admitted request, one late cost for each call that
 * ends after it.
 */
final class UsageRecords {

  private static final String LATE_SETTLEMENT = "late_settlement";

  private UsageRecords() {}

  /**
   * Of an answer, or of what there was of it when its caller gave up.
   *
   * @param code absent when the answer was delivered
   */
  static UsageRecorded charged(
      RequestTicket ticket,
      Progress progress,
      Charge charge,
      List<BudgetPosting> postings,
      @Nullable ErrorCode code,
      Instant now) {
    var price = charge.price();
    var list = charge.list();
    var record =
        record(
            ticket,
            ticket.getRequestId(),
            UsageKind.SETTLEMENT,
            code == null ? null : code.wire(),
            charge.usage(),
            price == null ? null : price.getName(),
            price == null ? null : price.getVersion(),
            charge.lines(),
            charge.total().nanoUsd(),
            ticket.getHoldNanoUsd(),
            progress.attempts(),
            now);
    record.setListNanoUsd(list == null ? null : list.nanoUsd());
    record.setPriceRule(charge.rule());
    record.setPostings(postings);
    var flags = new ArrayList<String>(0);
    charge.flags().forEach(flag -> flags.add(flag.wire()));
    if (record.getOverageNanoUsd() > 0) {
      flags.add("overage");
    }
    record.setFlags(flags);
    return record;
  }

  /** Says of a charge that it came after the end of its request. */
  static void markLate(UsageRecorded record) {
    var flags = new ArrayList<>(record.getFlags());
    flags.add(LATE_SETTLEMENT);
    record.setFlags(flags);
  }

  /** Of a request without an answer: budgets may get something, the customer owes nothing. */
  static UsageRecorded uncharged(
      RequestTicket ticket,
      Progress progress,
      List<BudgetPosting> postings,
      ErrorCode code,
      Instant now) {
    var record =
        record(
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
    record.setPostings(postings);
    if (Settlement.posts(postings) && progress.attempts().stream().anyMatch(Costs::estimated)) {
      record.setFlags(List.of(PriceFlag.ESTIMATED.wire()));
    }
    return record;
  }

  /**
   * Its id holds the start of the call too: after a crash one number may have been called twice.
   */
  static UsageRecorded late(
      RequestTicket ticket, Attempt attempt, List<BudgetPosting> postings, Instant now) {
    var id =
        ticket.getRequestId()
            + "/"
            + attempt.getNumber()
            + "@"
            + attempt.getStartedAt().toEpochMilli();
    var record =
        record(
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
    if (!postings.isEmpty()) {
      record.setPostings(postings);
      record.setFlags(
          Costs.estimated(attempt)
              ? List.of(LATE_SETTLEMENT, PriceFlag.ESTIMATED.wire())
              : List.of(LATE_SETTLEMENT));
    }
    return record;
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
    return UsageRecorded.newBuilder()
        .setUsageId(usageId)
        .setKind(kind)
        .setRequestId(ticket.getRequestId())
        .setOrganization(ticket.getOrganization())
        .setApiKey(ticket.getApiKey())
        .setProject(ticket.getProject())
        .setTeam(ticket.getTeam())
        .setEndUser(ticket.getEndUser())
        .setTags(ticket.getTags())
        .setJob(ticket.getLine() == null ? null : ticket.getLine().getBatch())
        .setModel(ticket.getModel())
        .setSurface(ticket.getSurface())
        .setLane(ticket.getLane())
        .setSucceeded(usage != null && errorCode == null)
        .setErrorCode(errorCode)
        .setUsage(usage)
        .setPrice(price)
        .setPriceVersion(priceVersion)
        .setChargeLines(lines)
        .setChargeNanoUsd(charge)
        .setHoldNanoUsd(hold)
        .setOverageNanoUsd(Math.max(0, charge - hold))
        .setAttempts(attempts)
        .setCostNanoUsd(cost)
        .setAcceptedAt(Instant.ofEpochMilli(ticket.getAcceptedAtMs()))
        .setRecordedAt(now)
        .setServedModel(served(ticket, attempts))
        .build();
  }

  /** The model that answered, or was called last; absent when none was. */
  private static @Nullable String served(RequestTicket ticket, List<Attempt> attempts) {
    String served = null;
    for (var attempt : attempts) {
      var target = Costs.target(ticket, attempt.getPool(), attempt.getUpstreamModel());
      served = target == null ? null : target.getModel();
      if (attempt.getFailure() == null) {
        return served;
      }
    }
    return served;
  }
}
