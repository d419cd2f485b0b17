package io.penstock.router.budget;

import io.penstock.schemas.avro.BudgetEntry;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether all that limits a request bears it. */
public sealed interface Verdict {

  /** Everything does, at the time of asking. */
  record Borne(Hold hold) implements Verdict {}

  /**
   * A budget does not.
   *
   * @param budget the first that does not, from the organisation downwards
   * @param group which of its groups; empty when it has none
   * @param account its account
   * @param balance what is used of it
   * @param needed what the request needs, in the budget's unit
   * @param resetsAt when its next window begins, or the oldest part of a rolling one is free again;
   *     absent when neither happens
   * @param alerts thresholds that are reached by this
   */
  record Exceeded(
      BudgetEntry budget,
      String group,
      Hold.Account account,
      Balance balance,
      long needed,
      @Nullable Instant resetsAt,
      List<Alert> alerts)
      implements Verdict {

    public Exceeded {
      alerts = List.copyOf(alerts);
    }

    /** What may still be used, the overdraft included; never below 0. */
    public long left() {
      return Math.max(0, Level.most(budget) - balance.used());
    }
  }

  /**
   * The credit does not.
   *
   * @param left what is left of all grants, nano-USD
   * @param needed what the request needs, nano-USD
   */
  record OutOfCredit(long left, long needed) implements Verdict {}
}
