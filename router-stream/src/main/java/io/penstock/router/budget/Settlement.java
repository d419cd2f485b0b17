package io.penstock.router.budget;

import io.penstock.schemas.TokenClass;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.BudgetPosting;
import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.HeldOn;
import io.penstock.schemas.avro.TokenUsage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a hold: each account that bears a part of it is settled once, in the window in
 * which it was held.
 */
public final class Settlement {

  /** No honest count comes near it, and millions of sums of it are still numbers. */
  private static final long COUNT_MAX = 1L << 36;

  private Settlement() {}

  /**
   * Of a request that is charged: budgets get what it used, even if that is more than was held;
   * grants of credit are consumed in the order in which they were held, so that what is released is
   * what would have been consumed last. What exceeds them all is the last one's, which is then
   * overdrawn.
   */
  public static List<BudgetPosting> charged(
      List<HeldOn> holds, long chargeNanoUsd, @Nullable TokenUsage usage) {
    var open = chargeNanoUsd;
    var last = lastCredit(holds);
    var postings = new ArrayList<BudgetPosting>(holds.size());
    for (int i = 0; i < holds.size(); i++) {
      var hold = holds.get(i);
      if (AccountNames.isCredit(hold.getAccount())) {
        var share = i == last ? open : Math.min(open, hold.getAmount());
        open -= share;
        postings.add(posting(hold, share));
      } else {
        postings.add(
            posting(
                hold,
                switch (hold.getUnit()) {
                  case NANO_USD -> chargeNanoUsd;
                  case TOKENS -> tokens(usage);
                  case REQUESTS -> 1;
                }));
      }
    }
    return postings;
  }

  /**
   * Of a request that ends without an answer, and so without a charge. What its calls may have cost
   * counts against budgets, up to what was held: whoever could bring about failures that are paid
   * for but not counted would have no budget at all. A call without usage was certainly not billed.
   */
  public static List<BudgetPosting> unanswered(List<HeldOn> holds, List<Attempt> attempts) {
    var postings = new ArrayList<BudgetPosting>(holds.size());
    for (var hold : holds) {
      postings.add(posting(hold, Math.min(hold.getAmount(), used(hold, attempts))));
    }
    return postings;
  }

  /**
   * Of a call that ended after all was released: the same, with nothing to release. An answer is
   * known to be billed, whatever was held.
   */
  public static List<BudgetPosting> late(List<HeldOn> holds, Attempt attempt) {
    var attempts = List.of(attempt);
    var postings = new ArrayList<BudgetPosting>(holds.size());
    for (var hold : holds) {
      var used = used(hold, attempts);
      if (used > 0) {
        var most = attempt.getFailure() == null ? used : Math.min(hold.getAmount(), used);
        postings.add(new BudgetPosting(hold.getAccount(), hold.getUnit(), 0L, most));
      }
    }
    return postings;
  }

  /** Whether anything is posted. */
  public static boolean posts(List<BudgetPosting> postings) {
    for (var posting : postings) {
      if (posting.getPosted() != 0) {
        return true;
      }
    }
    return false;
  }

  /** Tokens of all classes, of which a provider cannot make more than we can add up. */
  public static long tokens(@Nullable TokenUsage usage) {
    if (usage == null) {
      return 0;
    }
    var tokens = 0L;
    for (var each : TokenClass.ALL) {
      tokens = Math.addExact(tokens, counted(each.count(usage)));
    }
    return tokens;
  }

  private static long counted(@Nullable Long count) {
    return count == null || count < 0 ? 0 : Math.min(count, COUNT_MAX);
  }

  private static long used(HeldOn hold, List<Attempt> attempts) {
    if (AccountNames.isCredit(hold.getAccount())) {
      return 0;
    }
    var used = 0L;
    for (var attempt : attempts) {
      if (attempt.getUsage() != null) {
        used = Math.addExact(used, used(hold.getUnit(), attempt));
      }
    }
    return used;
  }

  private static long used(BudgetUnit unit, Attempt attempt) {
    return switch (unit) {
      case NANO_USD -> Math.max(0, attempt.getCostNanoUsd());
      case TOKENS -> tokens(attempt.getUsage());
      case REQUESTS -> 1;
    };
  }

  private static int lastCredit(List<HeldOn> holds) {
    for (int i = holds.size() - 1; i >= 0; i--) {
      if (AccountNames.isCredit(holds.get(i).getAccount())) {
        return i;
      }
    }
    return -1;
  }

  private static BudgetPosting posting(HeldOn hold, long posted) {
    return new BudgetPosting(hold.getAccount(), hold.getUnit(), hold.getAmount(), posted);
  }
}
