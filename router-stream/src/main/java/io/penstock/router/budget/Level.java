package io.penstock.router.budget;

import io.penstock.schemas.avro.BudgetCondition;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.BudgetWindow;
import io.penstock.schemas.avro.DegradeRule;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One budget, with all that can be worked out before a request comes.
 *
 * @param entry as the catalogue has it; nobody may change it
 * @param zone in which its windows begin
 * @param prefix what the names of its accounts begin with
 * @param name which team, project, …; models by their own names
 * @param conditions models by their own names
 * @param dimensions by which it is one budget for each value
 * @param thresholds percents to tell of, ascending
 */
record Level(
    BudgetEntry entry,
    ZoneId zone,
    String prefix,
    @Nullable String name,
    List<BudgetCondition> conditions,
    List<BudgetScope> dimensions,
    List<Threshold> thresholds) {

  private static final BigInteger HUNDRED = BigInteger.valueOf(100);
  private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

  Level {
    conditions = List.copyOf(conditions);
    dimensions = List.copyOf(dimensions);
    thresholds = List.copyOf(thresholds);
  }

  /**
   * A share of the limit.
   *
   * @param amount the least use that reaches it, in the budget's unit
   */
  record Threshold(int percent, long amount) {}

  static Level of(BudgetEntry entry, UnaryOperator<String> ownName) {
    var dimensions = new ArrayList<BudgetScope>();
    if (entry.getScopeName() == null && entry.getScope() != BudgetScope.ORGANIZATION) {
      dimensions.add(entry.getScope());
    }
    for (var dimension : entry.getGroupBy()) {
      if (dimension != BudgetScope.ORGANIZATION && !dimensions.contains(dimension)) {
        dimensions.add(dimension);
      }
    }
    var thresholds = new ArrayList<Threshold>();
    for (var percent : new TreeSet<>(entry.getAlertPercent())) {
      if (percent > 0) {
        thresholds.add(new Threshold(percent, share(entry.getLimitNanoUsd(), percent)));
      }
    }
    return new Level(
        entry,
        zone(entry),
        AccountNames.ofBudget(entry.getOrganization(), entry.getId()),
        entry.getScope() == BudgetScope.MODEL && entry.getScopeName() != null
            ? ownName.apply(entry.getScopeName())
            : entry.getScopeName(),
        entry.getConditions().stream().map(condition -> named(condition, ownName)).toList(),
        dimensions,
        thresholds);
  }

  private static BudgetCondition named(BudgetCondition condition, UnaryOperator<String> ownName) {
    return condition.getDimension() == BudgetScope.MODEL
        ? new BudgetCondition(
            BudgetScope.MODEL, condition.getValues().stream().map(ownName).toList())
        : condition;
  }

  /** Rounded up, so that less than the share does not reach it. */
  static long share(long limit, int percent) {
    var share =
        BigInteger.valueOf(limit)
            .multiply(BigInteger.valueOf(percent))
            .add(BigInteger.valueOf(99))
            .divide(HUNDRED);
    return share.min(MOST).longValueExact();
  }

  /** Limit and overdraft. */
  static long most(BudgetEntry entry) {
    var limit = entry.getLimitNanoUsd();
    var grace = Math.max(0, entry.getGrace());
    return limit > Long.MAX_VALUE - grace ? Long.MAX_VALUE : limit + grace;
  }

  /** A zone that this machine does not know must not lift a budget: its windows begin in UTC. */
  private static ZoneId zone(BudgetEntry entry) {
    var name = entry.getTimeZone();
    if (name.equals("UTC")) {
      return ZoneOffset.UTC;
    }
    try {
      return ZoneId.of(name);
    } catch (DateTimeException e) {
      return ZoneOffset.UTC;
    }
  }

  boolean covers(Subject subject) {
    var scope = entry.getScope();
    if (name == null) {
      // each by itself, so only those that there are
      if (subject.values(scope).isEmpty()) {
        return false;
      }
    } else if (scope != BudgetScope.ORGANIZATION && !subject.is(scope, name)) {
      return false;
    }
    for (var condition : conditions) {
      if (!meets(subject, condition)) {
        return false;
      }
    }
    return true;
  }

  private static boolean meets(Subject subject, BudgetCondition condition) {
    for (var value : condition.getValues()) {
      if (subject.is(condition.getDimension(), value)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The groups that a request belongs to: one for each combination of its values. A dimension
   * without a value is a value of its own, so that leaving it out is no way round.
   */
  List<String> groups(Subject subject) {
    if (dimensions.isEmpty()) {
      return List.of("");
    }
    var groups = List.of("");
    for (var dimension : dimensions) {
      var values = subject.values(dimension);
      var name = dimension.name().toLowerCase(Locale.ROOT);
      var longer = new ArrayList<String>(groups.size() * Math.max(1, values.size()));
      for (var group : groups) {
        var begun = group.isEmpty() ? name : group + "," + name;
        if (values.isEmpty()) {
          longer.add(begun);
        }
        for (var value : values) {
          longer.add(begun + "=" + AccountNames.escaped(value));
        }
      }
      groups = longer;
    }
    return groups;
  }

  Window window(Instant at) {
    return entry.getRolling()
        ? Window.rolling(entry.getWindow(), at)
        : Window.of(entry.getWindow(), zone, at);
  }

  String account(String group, Window window) {
    return prefix + group + "|" + window.id();
  }

  /** When something of it may be used again that may not now. */
  @Nullable Instant resetsAt(Window window, Balance balance) {
    if (!entry.getRolling() || entry.getWindow() == BudgetWindow.LIFETIME) {
      return window.endsAt();
    }
    var span = Window.span(entry.getWindow()).toMillis();
    return Instant.ofEpochMilli(balance.oldest() + span + span / Window.PARTS);
  }

  /**
   * The cheaper way for a model.
   *
   * @param used so much; a budget that cannot bear a request has used all that it can
   */
  @Nullable DegradeRule cheaper(Subject subject, long used) {
    DegradeRule found = null;
    for (var rule : entry.getDegrade()) {
      if (used >= share(entry.getLimitNanoUsd(), rule.getFromPercent())
          && (found == null || rule.getFromPercent() >= found.getFromPercent())
          && replaces(rule, subject)) {
        found = rule;
      }
    }
    return found;
  }

  private static boolean replaces(DegradeRule rule, Subject subject) {
    if (rule.getModel().equals(subject.model())) {
      return false;
    }
    if (rule.getOnly().isEmpty()) {
      return true;
    }
    for (var model : rule.getOnly()) {
      if (subject.is(BudgetScope.MODEL, model)) {
        return true;
      }
    }
    return false;
  }
}
