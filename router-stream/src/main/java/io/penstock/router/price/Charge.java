package io.penstock.router.price;

import io.penstock.platform.money.Money;
import io.penstock.schemas.avro.ChargeLine;
import io.penstock.schemas.avro.PinnedPrice;
import io.penstock.schemas.avro.PinnedTarget;
import io.penstock.schemas.avro.RequestTicket;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a customer owes for a request, from nothing but what was pinned at its admission.
 *
 * <p>Each line is its tokens times the customer's own price, which has all factors in it, rounded
 * once; the fee for the request is a line of its own. So the lines add up to the charge exactly,
 * and nothing has to be distributed.
 *
 * @param usage that it is for
 * @param price that it was made with; absent when there is none
 * @param lines add up to the total
 * @param total what is owed
 * @param list what it would be without the customer's rule; absent where none applies
 * @param rule id of that rule; absent where none applies
 * @param flags what was not as it should be
 */
public record Charge(
    TokenUsage usage,
    @Nullable PinnedPrice price,
    List<ChargeLine> lines,
    Money total,
    @Nullable Money list,
    @Nullable String rule,
    List<PriceFlag> flags) {

  public Charge {
    lines = List.copyOf(lines);
    flags = List.copyOf(flags);
  }

  /** Of an answer that was delivered. */
  public static Charge answered(
      RequestTicket ticket, @Nullable PinnedTarget target, TokenUsage usage) {
    return of(ticket, target, usage, true);
  }

  /** Of what there was of an answer when its caller gave up: without the fee for an answer. */
  public static Charge stopped(
      RequestTicket ticket, @Nullable PinnedTarget target, TokenUsage usage) {
    return of(ticket, target, usage, false);
  }

  private static Charge of(
      RequestTicket ticket, @Nullable PinnedTarget target, TokenUsage usage, boolean answered) {
    if (target == null) {
      return new Charge(usage, null, List.of(), Money.ZERO, null, null, List.of());
    }
    var facts = ticket.getFacts();
    var checked = CheckedUsage.of(usage, facts, ticket.getSurface(), target);
    try {
      return of(ticket, target, usage, checked, answered);
    } catch (ArithmeticException e) {
      // what no account can hold cannot be true either; the estimate is within the hold, which can
      var estimate = CheckedUsage.estimated(usage, facts, ticket.getSurface(), target);
      return of(ticket, target, usage, estimate, answered);
    }
  }

  private static Charge of(
      RequestTicket ticket,
      PinnedTarget target,
      TokenUsage usage,
      CheckedUsage checked,
      boolean answered) {
    var counted = checked.usage() == null ? usage : checked.usage();
    var rule = ticket.getPriceRule();
    var own = target.getPrice();
    var price = rule == null || rule.getPrice() == null ? own : rule.getPrice();
    var priced = priced(ticket, counted, price, Factors.of(rule));
    var lines = new ArrayList<>(priced.lines());
    var total = priced.total();
    if (answered && rule != null && rule.getRequestNanoUsd() > 0) {
      var fee = new Money(rule.getRequestNanoUsd());
      lines.add(fee(fee));
      total = total.plus(fee);
    }
    return new Charge(
        counted,
        price,
        lines,
        total,
        rule == null ? null : priced(ticket, counted, own, BigDecimal.ONE).total(),
        rule == null ? null : rule.getId(),
        flags(counted, own, priced, checked));
  }

  private static PricedUsage priced(
      RequestTicket ticket, TokenUsage usage, PinnedPrice price, BigDecimal factor) {
    return Pricing.price(
        usage,
        price.getLines(),
        ticket.getServiceTier(),
        factor.multiply(Factors.of(price, ticket.getLane())));
  }

  private static ChargeLine fee(Money fee) {
    // one request at a price per million of them
    var usdPerMillion = BigDecimal.valueOf(fee.nanoUsd()).scaleByPowerOfTen(-3);
    return new ChargeLine(TokenClasses.REQUEST, 1L, Pricing.plain(usdPerMillion), fee.nanoUsd());
  }

  private static List<PriceFlag> flags(
      TokenUsage usage, PinnedPrice own, PricedUsage priced, CheckedUsage checked) {
    var flags = new ArrayList<PriceFlag>(0);
    if (usage.getSource() == UsageSource.ESTIMATED) {
      flags.add(PriceFlag.ESTIMATED);
    }
    if (!priced.guessed().isEmpty()) {
      flags.add(PriceFlag.PRICE_GUESSED);
    }
    if (own.getUnknown()) {
      flags.add(PriceFlag.PRICE_UNKNOWN);
    }
    if (checked.quarantined()) {
      flags.add(PriceFlag.USAGE_QUARANTINED);
    }
    return flags;
  }
}
