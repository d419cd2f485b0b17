package io.penstock.router.budget;

import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.CreditGrant;
import io.penstock.schemas.avro.OrganizationEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All that limits what an organisation uses: its budgets, and its credit if it pays in advance.
 * Resolved once for each snapshot of the catalogue. Immutable.
 */
public final class BudgetBook {

  /** Of an organisation that nothing limits. */
  public static final BudgetBook EMPTY = new BudgetBook(List.of(), false, List.of());

  /** Widest first: a refusal names the first level that fails. */
  private static final List<BudgetScope> WIDEST_FIRST =
      List.of(
          BudgetScope.ORGANIZATION,
          BudgetScope.TEAM,
          BudgetScope.PROJECT,
          BudgetScope.API_KEY,
          BudgetScope.END_USER,
          BudgetScope.TAG,
          BudgetScope.MODEL);

  private final List<Level> levels;
  private final boolean degrades;
  private final boolean prepaid;
  private final List<Grant> grants;

  /** A grant of credit and the name of its account. */
  private record Grant(CreditGrant entry, String account) {}

  private BudgetBook(List<Level> levels, boolean prepaid, List<Grant> grants) {
    this.levels = List.copyOf(levels);
    this.degrades = levels.stream().anyMatch(level -> !level.entry().getDegrade().isEmpty());
    this.prepaid = prepaid;
    this.grants = List.copyOf(grants);
  }

  /** Place of a scope among all, the widest first. */
  public static int breadth(BudgetScope scope) {
    return WIDEST_FIRST.indexOf(scope);
  }

  /**
   * Resolves the budgets and the credit of an organisation.
   *
   * @param ownName a model's own name for any of its names
   */
  public static BudgetBook of(
      OrganizationEntry organization, List<BudgetEntry> budgets, UnaryOperator<String> ownName) {
    var sorted = new ArrayList<>(budgets);
    sorted.sort(
        Comparator.<BudgetEntry>comparingInt(budget -> breadth(budget.getScope()))
            .thenComparing(BudgetEntry::getId));
    var grants = new ArrayList<Grant>();
    for (var entry : inOrder(organization.getCredits())) {
      grants.add(new Grant(entry, AccountNames.ofCredit(organization.getId(), entry.getId())));
    }
    return new BudgetBook(
        sorted.stream().map(entry -> Level.of(entry, ownName)).toList(),
        organization.getPrepaid(),
        grants);
  }

  /** In the order of consumption: by priority, then by expiry, those without last, then by id. */
  static List<CreditGrant> inOrder(List<CreditGrant> grants) {
    var sorted = new ArrayList<>(grants);
    sorted.sort(
        Comparator.<CreditGrant>comparingInt(CreditGrant::getPriority)
            .thenComparing(
                CreditGrant::getExpiresAt, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(CreditGrant::getId));
    return sorted;
  }

  /**
   * Another model that a budget wants instead of the one asked for.
   *
   * @param reason for people
   */
  public record Cheaper(String model, String reason) {}

  /** The cheaper model that the first budget wants that runs low; absent when none does. */
  public @Nullable Cheaper cheaper(Subject subject, Balances balances, Instant at) {
    if (!degrades) {
      return null;
    }
    for (var level : levels) {
      if (level.entry().getDegrade().isEmpty() || !level.covers(subject)) {
        continue;
      }
      var window = level.window(at);
      for (var group : level.groups(subject)) {
        var used = balances.of(level.account(group, window)).used();
        var rule = level.cheaper(subject, used);
        if (rule != null) {
          return new Cheaper(
              rule.getModel(),
              "the budget '%s' is used to %d %% or more, '%s' takes its place"
                  .formatted(level.entry().getId(), rule.getFromPercent(), rule.getModel()));
        }
      }
    }
    return null;
  }

  /** The cheaper model that a budget wants before it refuses; absent when it wants none. */
  public @Nullable Cheaper beforeRefusing(Subject subject, Verdict.Exceeded exceeded) {
    var id = exceeded.budget().getId();
    for (var level : levels) {
      if (!level.entry().getId().equals(id)) {
        continue;
      }
      var rule = level.cheaper(subject, Long.MAX_VALUE);
      if (rule != null) {
        return new Cheaper(
            rule.getModel(),
            "the budget '%s' cannot bear it, '%s' takes its place".formatted(id, rule.getModel()));
      }
    }
    return null;
  }

  /**
   * Asks everything that covers a request. What it bears is not reserved yet: that is the caller's
   * part.
   *
   * @throws ArithmeticException when the request needs more than there are numbers
   */
  public Verdict ask(Subject subject, Need need, Balances balances, Instant at) {
    if (levels.isEmpty() && !prepaid) {
      return new Verdict.Borne(new Hold(need.money(), List.of(), List.of()));
    }
    var accounts = new ArrayList<Hold.Account>(levels.size() + 1);
    var alerts = new ArrayList<Alert>(0);
    for (var level : levels) {
      if (!level.covers(subject)) {
        continue;
      }
      var window = level.window(at);
      for (var group : level.groups(subject)) {
        var exceeded = ask(level, window, group, need, balances, accounts, alerts);
        if (exceeded != null) {
          return exceeded;
        }
      }
    }
    if (prepaid) {
      var lacking = fund(need.money().nanoUsd(), balances, at, accounts);
      if (lacking != null) {
        return lacking;
      }
    }
    return new Verdict.Borne(new Hold(need.money(), accounts, alerts));
  }

  /** Adds the account of one group; the refusal when it does not bear the request. */
  private static Verdict.@Nullable Exceeded ask(
      Level level,
      Window window,
      String group,
      Need need,
      Balances balances,
      List<Hold.Account> accounts,
      List<Alert> alerts) {
    var entry = level.entry();
    var name = level.account(group, window);
    var balance = balances.of(name);
    var amount = need.in(entry.getUnit());
    var used = Math.addExact(balance.used(), amount);
    var refused = entry.getHard() && used > Level.most(entry);
    var told = 0;
    var reached = new ArrayList<Alert>(0);
    for (var threshold : level.thresholds()) {
      // a budget that refuses is used up, whatever is left of it
      var high = refused ? threshold.percent() <= 100 : used >= threshold.amount();
      if (high && threshold.percent() > balance.told()) {
        told = threshold.percent();
        reached.add(new Alert(entry, group, window.id(), told, refused ? balance.used() : used));
      }
    }
    var endsAt = window.endsAt();
    var account =
        new Hold.Account(
            name,
            entry.getUnit(),
            amount,
            endsAt == null ? Long.MAX_VALUE : endsAt.toEpochMilli(),
            told);
    if (refused) {
      return new Verdict.Exceeded(
          entry, group, account, balance, amount, level.resetsAt(window, balance), reached);
    }
    accounts.add(account);
    alerts.addAll(reached);
    return null;
  }

  /** Adds as many grants as are needed; the refusal when all together are not enough. */
  private Verdict.@Nullable OutOfCredit fund(
      long amount, Balances balances, Instant at, List<Hold.Account> accounts) {
    var open = amount;
    var first = true;
    for (var grant : grants) {
      if (open == 0 && !first) {
        break;
      }
      var expires = grant.entry().getExpiresAt();
      if (expires != null && !at.isBefore(expires)) {
        continue;
      }
      var left =
          Math.max(0, grant.entry().getAmountNanoUsd() - balances.of(grant.account()).used());
      var share = Math.min(left, open);
      // what costs nothing is held too, so that an overage has where to go
      if (share > 0 || (amount == 0 && first)) {
        accounts.add(
            new Hold.Account(grant.account(), BudgetUnit.NANO_USD, share, Long.MAX_VALUE, 0));
        first = false;
      }
      open -= share;
    }
    return open == 0 ? null : new Verdict.OutOfCredit(amount - open, amount);
  }
}
