package io.penstock.billing.ledger;

import io.penstock.schemas.avro.Side;
import io.penstock.schemas.avro.UsageKind;
import io.penstock.schemas.avro.UsageRecorded;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * The whole booking policy: pure, and the same entry for the same usage whenever it is asked.
 *
 * <p>A usage record says every amount twice, as a total and as its parts (charge lines; attempts).
 * The total is booked on one side of {@code clearing/<request>} and the parts on the other, so that
 * the account returns to zero exactly when the two agree.
 *
 * <p>What a grant of credit paid is debited on {@code credit/<grant>}; the rest is owed, and
 * debited on the receivable.
 */
public final class Ledger {

  /** The only currency so far, ISO 4217. */
  public static final String CURRENCY = "USD";

  private static final String ENTRY_PREFIX = "entry_";

  private Ledger() {}

  /**
   * The entry of a usage record; empty when nothing was charged and nothing cost anything.
   *
   * @throws LedgerViolation when the record contradicts itself
   * @throws ArithmeticException when an amount does not fit
   */
  public static LedgerEntry book(UsageRecorded usage) {
    check(usage);
    var postings = new ArrayList<LedgerPosting>();
    bookCharge(usage, postings);
    bookCost(usage, postings);
    return new LedgerEntry(
        ENTRY_PREFIX + usage.getUsageId(),
        usage.getOrganization(),
        usage.getRequestId(),
        usage.getUsageId(),
        postings,
        usage.getRecordedAt());
  }

  private static void check(UsageRecorded usage) {
    if (usage.getKind() == UsageKind.UNKNOWN) {
      throw violation(usage, "is of a kind that this version does not know");
    }
    if (usage.getKind() == UsageKind.LATE_COST
        && (usage.getChargeNanoUsd() != 0 || !usage.getChargeLines().isEmpty())) {
      throw violation(usage, "is a late cost and must not charge");
    }
    if (isCorrection(usage)) {
      checkCorrection(usage);
      return;
    }
    if (usage.getChargeNanoUsd() < 0 || usage.getCostNanoUsd() < 0) {
      throw violation(usage, "has a negative amount");
    }
    if (usage.getOverageNanoUsd() < 0 || usage.getOverageNanoUsd() > usage.getChargeNanoUsd()) {
      throw violation(usage, "has an overage outside its charge");
    }
  }

  /** A correction says by how much a charge changes, and nothing about calls. */
  private static void checkCorrection(UsageRecorded usage) {
    if (!usage.getAttempts().isEmpty() || usage.getCostNanoUsd() != 0) {
      throw violation(usage, "is a correction and must not cost anything");
    }
    if (usage.getOverageNanoUsd() != 0) {
      throw violation(usage, "is a correction and must not have an overage");
    }
  }

  private static boolean isCorrection(UsageRecorded usage) {
    return usage.getKind() == UsageKind.CORRECTION;
  }

  private static void bookCharge(UsageRecorded usage, List<LedgerPosting> postings) {
    var charge = usage.getChargeNanoUsd();
    var overage = usage.getOverageNanoUsd();
    var lines = 0L;
    for (var line : usage.getChargeLines()) {
      if (line.getAmountNanoUsd() < 0 && !isCorrection(usage)) {
        throw violation(usage, "has a negative charge line");
      }
      lines = Math.addExact(lines, line.getAmountNanoUsd());
    }
    if (lines != charge) {
      throw violation(usage, "charges " + charge + " nano-USD, but its lines add up to " + lines);
    }
    var credits = Credits.of(usage);
    var owed = charge;
    for (var paid : credits.values()) {
      owed = Math.subtractExact(owed, paid);
    }
    if (!credits.isEmpty() && owed < 0) {
      throw violation(usage, "takes more from credit than it charges, by " + -owed + " nano-USD");
    }
    var clearing = Accounts.clearing(usage.getRequestId());
    post(postings, Accounts.RECEIVABLE, Side.DEBIT, owed);
    credits.forEach((grant, paid) -> post(postings, Accounts.credit(grant), Side.DEBIT, paid));
    post(postings, clearing, Side.CREDIT, charge);
    post(postings, clearing, Side.DEBIT, lines);
    post(postings, Accounts.REVENUE, Side.CREDIT, Math.subtractExact(lines, overage));
    post(postings, Accounts.OVERAGE, Side.CREDIT, overage);
  }

  private static void bookCost(UsageRecorded usage, List<LedgerPosting> postings) {
    var cost = usage.getCostNanoUsd();
    var byPool = costByPool(usage);
    var attempts = 0L;
    for (var amount : byPool.values()) {
      attempts = Math.addExact(attempts, amount);
    }
    if (attempts != cost) {
      throw violation(usage, "costs " + cost + " nano-USD, but its attempts add up to " + attempts);
    }
    var clearing = Accounts.clearing(usage.getRequestId());
    byPool.forEach((pool, amount) -> post(postings, Accounts.cost(pool), Side.DEBIT, amount));
    post(postings, clearing, Side.CREDIT, attempts);
    post(postings, clearing, Side.DEBIT, cost);
    byPool.forEach((pool, amount) -> post(postings, Accounts.payable(pool), Side.CREDIT, amount));
  }

  private static SequencedMap<String, Long> costByPool(UsageRecorded usage) {
    var byPool = new TreeMap<String, Long>();
    for (var attempt : usage.getAttempts()) {
      if (attempt.getCostNanoUsd() < 0) {
        throw violation(usage, "has an attempt of negative cost");
      }
      byPool.merge(attempt.getPool(), attempt.getCostNanoUsd(), Math::addExact);
    }
    return byPool;
  }

  /**
   * A zero amount is no posting: it would say nothing and make an account. A negative one, which
   * only a correction has, is the same amount on the other side.
   */
  private static void post(List<LedgerPosting> postings, String account, Side side, long amount) {
    if (amount > 0) {
      postings.add(new LedgerPosting(account, side, amount));
    } else if (amount < 0) {
      var other = side == Side.DEBIT ? Side.CREDIT : Side.DEBIT;
      postings.add(new LedgerPosting(account, other, Math.negateExact(amount)));
    }
  }

  private static LedgerViolation violation(UsageRecorded usage, String what) {
    return new LedgerViolation("usage " + usage.getUsageId() + " " + what);
  }
}
