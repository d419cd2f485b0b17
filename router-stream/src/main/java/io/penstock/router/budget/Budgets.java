package io.penstock.router.budget;

import io.penstock.platform.money.Money;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.InferenceRequested;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which budgets a request has to keep to, and whether they all bear a hold. */
public final class Budgets {

  private Budgets() {}

  /** Whether every budget bears a hold. */
  public sealed interface Verdict {
    /** All of them do, at the time of asking. */
    record Borne(Hold hold) implements Verdict {}

    /**
     * One does not.
     *
     * @param budget the first that does not, from the organisation downwards
     * @param left what is left of it
     * @param resetsAt when its next window begins; absent when none does
     */
    record Exceeded(BudgetEntry budget, Money left, @Nullable Instant resetsAt)
        implements Verdict {}
  }

  /**
   * Asks all budgets that apply to a request.
   *
   * @param budgets of the request's organisation, widest scope first
   */
  public static Verdict ask(
      List<BudgetEntry> budgets,
      InferenceRequested request,
      Money amount,
      Balances balances,
      Instant at) {
    var accounts = new ArrayList<Hold.Account>(budgets.size());
    for (var budget : budgets) {
      if (!applies(budget, request)) {
        continue;
      }
      var window = Window.of(budget.getWindow(), zone(budget), at);
      var account = request.getOrganization() + "|" + budget.getId() + "|" + window.id();
      var left = new Money(budget.getLimitNanoUsd()).minus(balances.of(account).used());
      if (budget.getHard() && left.compareTo(amount) < 0) {
        return new Verdict.Exceeded(budget, left, window.endsAt());
      }
      accounts.add(new Hold.Account(account, window.endsAt()));
    }
    return new Verdict.Borne(new Hold(amount, accounts));
  }

  private static boolean applies(BudgetEntry budget, InferenceRequested request) {
    var name = budget.getScopeName();
    return switch (budget.getScope()) {
      case ORGANIZATION -> true;
      case TEAM -> name != null && name.equals(request.getTeam());
      case PROJECT -> name != null && name.equals(request.getProject());
      case API_KEY -> name != null && name.equals(request.getApiKey());
      case END_USER -> name != null && name.equals(request.getEndUser());
      case TAG -> name != null && request.getTags().contains(name);
      case MODEL -> name != null && name.equals(request.getModel());
    };
  }

  /** A zone that this machine does not know must not lift a budget: its windows begin in UTC. */
  private static ZoneId zone(BudgetEntry budget) {
    var name = budget.getTimeZone();
    if (name.equals("UTC")) {
      return ZoneOffset.UTC;
    }
    try {
      return ZoneId.of(name);
    } catch (DateTimeException e) {
      return ZoneOffset.UTC;
    }
  }
}
