package io.penstock.billing.report;

import io.penstock.billing.ledger.LedgerViolation;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an organisation owes for a month, line by line; the lines add up to what the ledger has.
 *
 * @param id unique, and the same for ever
 * @param name of the organisation, for people
 * @param status of the month
 * @param entries of the ledger that it is made of
 * @param totalNanoUsd exact
 * @param totalCents the exact total, rounded once, half even
 * @param lines sorted
 * @param credits what was paid in advance, by grant
 * @param creditNanoUsd of the exact total, paid in advance
 * @param payableCents what has to be paid: the rest of the exact total, rounded once, half even
 */
public record Invoice(
    String id,
    String organization,
    String name,
    YearMonth period,
    Status status,
    long entries,
    long totalNanoUsd,
    long totalCents,
    List<Line> lines,
    List<Credit> credits,
    long creditNanoUsd,
    long payableCents) {

  /** Whether an invoice can still change. */
  public enum Status {
    /** The month is not over. */
    OPEN,
    /** The month is over, and takes late usage until its grace ends. */
    DRAFT,
    /** It never changes again. */
    FINAL
  }

  /**
   * One kind of token of one model at one price.
   *
   * @param correctsPeriod closed month that it corrects; empty for none
   * @param cents share of the rounded total
   */
  public record Line(
      String model,
      String tokenClass,
      String price,
      long priceVersion,
      String usdPerMillion,
      String correctsPeriod,
      long quantity,
      long amountNanoUsd,
      long cents) {}

  /** What a grant of credit paid. */
  public record Credit(String grant, long amountNanoUsd) {}

  private record Kind(
      String correctsPeriod,
      String model,
      String tokenClass,
      String price,
      long priceVersion,
      String usdPerMillion) {

    static final Comparator<Kind> ORDER =
        Comparator.comparing(Kind::correctsPeriod)
            .thenComparing(Kind::model)
            .thenComparing(Kind::tokenClass)
            .thenComparing(Kind::price)
            .thenComparing(Kind::priceVersion)
            .thenComparing(Kind::usdPerMillion);

    static Kind of(ChargeKey key) {
      return new Kind(
          key.correctsPeriod(),
          key.model(),
          key.tokenClass(),
          key.price(),
          key.priceVersion(),
          key.usdPerMillion());
    }
  }

  /**
   * Makes the invoice of a month.
   *
   * @param ledger the month as the ledger has it
   * @param charges all that is charged in the month
   * @param credits what was paid from credit, by grant
   * @throws LedgerViolation when the charges do not add up to the ledger
   */
  public static Invoice of(
      String organization,
      String name,
      YearMonth period,
      Status status,
      ChargeSums ledger,
      Map<ChargeKey, ChargeSums> charges,
      SortedMap<String, ChargeSums> credits) {
    var kinds = new TreeMap<Kind, ChargeSums>(Kind.ORDER);
    var total = ChargeSums.ZERO;
    for (var charge : charges.entrySet()) {
      kinds.merge(Kind.of(charge.getKey()), charge.getValue(), ChargeSums::plus);
      total = total.plus(charge.getValue());
    }
    if (total.amountNanoUsd() != ledger.amountNanoUsd()) {
      throw new LedgerViolation(
          "the charges of "
              + organization
              + " in "
              + period
              + " add up to "
              + total.amountNanoUsd()
              + " nano-USD, the ledger says "
              + ledger.amountNanoUsd());
    }
    var credit = 0L;
    for (var paid : credits.values()) {
      credit = Math.addExact(credit, paid.amountNanoUsd());
    }
    return new Invoice(
        id(organization, period),
        organization,
        name,
        period,
        status,
        ledger.quantity(),
        total.amountNanoUsd(),
        Cents.of(total.amountNanoUsd()),
        lines(kinds),
        credits.entrySet().stream()
            .map(paid -> new Credit(paid.getKey(), paid.getValue().amountNanoUsd()))
            .toList(),
        credit,
        Cents.of(Math.subtractExact(total.amountNanoUsd(), credit)));
  }

  /** Of the rounded total, paid in advance. */
  public long creditCents() {
    return Math.subtractExact(totalCents, payableCents);
  }

  /** Id of the invoice of a month. */
  public static String id(String organization, YearMonth period) {
    return organization + "-" + period;
  }

  private static List<Line> lines(Map<Kind, ChargeSums> kinds) {
    var cents = Cents.shares(kinds.values().stream().map(ChargeSums::amountNanoUsd).toList());
    var lines = new ArrayList<Line>(kinds.size());
    for (var each : kinds.entrySet()) {
      var kind = each.getKey();
      lines.add(
          new Line(
              kind.model(),
              kind.tokenClass(),
              kind.price(),
              kind.priceVersion(),
              kind.usdPerMillion(),
              kind.correctsPeriod(),
              each.getValue().quantity(),
              each.getValue().amountNanoUsd(),
              cents.get(lines.size())));
    }
    return List.copyOf(lines);
  }
}
