package io.penstock.router.price;

import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.PinnedRule;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.PriceRule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The price rules of one organisation. Of those that apply the narrowest does: of a key before of a
 * team before of all, with a model before without; of equals the first. Immutable.
 */
public final class CustomerPrices {

  /** Of an organisation without rules. */
  public static final CustomerPrices NONE = new CustomerPrices(List.of());

  private static final CustomerPrice AT_LIST = new CustomerPrice.AtList();

  /**
   * A rule with its price read.
   *
   * @param schedule of the price that it names; absent where it names none
   * @param broken whether it names a price that does not exist, or cannot be used
   */
  private record Resolved(PriceRule rule, @Nullable PriceSchedule schedule, boolean broken) {}

  /** Narrowest first. */
  private final List<Resolved> rules;

  private CustomerPrices(List<Resolved> rules) {
    this.rules = List.copyOf(rules);
  }

  /**
   * Resolves the rules of an organisation.
   *
   * @param prices by name
   */
  public static CustomerPrices of(
      OrganizationEntry organization, Function<String, @Nullable PriceEntry> prices) {
    var rules = new ArrayList<Resolved>();
    for (var rule : organization.getPriceRules()) {
      var name = rule.getPrice();
      var schedule = name == null ? null : PriceSchedule.usable(prices.apply(name));
      rules.add(new Resolved(rule, schedule, name != null && schedule == null));
    }
    // a stable sort: of equals the first stays the first
    rules.sort(Comparator.comparingInt(each -> -narrowness(each.rule())));
    return rules.isEmpty() ? NONE : new CustomerPrices(rules);
  }

  private static int narrowness(PriceRule rule) {
    var scope = rule.getApiKey() != null ? 2 : rule.getTeam() != null ? 1 : 0;
    return 2 * scope + (rule.getModel() != null ? 1 : 0);
  }

  /**
   * What a request is charged by.
   *
   * @param names of the model that serves it
   */
  public CustomerPrice of(InferenceRequested request, List<String> names, Instant at) {
    for (var each : rules) {
      if (applies(each.rule(), request, names)) {
        return each.broken() ? unknown(each.rule()) : ruled(each.rule(), each.schedule(), at);
      }
    }
    return AT_LIST;
  }

  private static boolean applies(PriceRule rule, InferenceRequested request, List<String> names) {
    return (rule.getApiKey() == null || rule.getApiKey().equals(request.getApiKey()))
        && (rule.getTeam() == null || rule.getTeam().equals(request.getTeam()))
        && (rule.getModel() == null || names.contains(rule.getModel()));
  }

  private static CustomerPrice ruled(PriceRule rule, @Nullable PriceSchedule schedule, Instant at) {
    var phase = schedule == null ? null : schedule.at(at);
    if (schedule != null && phase == null) {
      return unknown(rule);
    }
    return new CustomerPrice.Ruled(
        new PinnedRule(
            rule.getId(),
            rule.getFactor(),
            rule.getRequestNanoUsd(),
            phase == null ? null : phase.price()),
        phase == null ? null : phase.ceiling());
  }

  private static CustomerPrice unknown(PriceRule rule) {
    return new CustomerPrice.Unknown(rule.getId(), String.valueOf(rule.getPrice()));
  }
}
