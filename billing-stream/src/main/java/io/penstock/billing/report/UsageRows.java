package io.penstock.billing.report;

import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one usage record adds to which sums: the request and its charge to the pool that answered
 * (or was tried last), each call and its cost to the pool that made it.
 */
public final class UsageRows {

  private UsageRows() {}

  /** Additions by pool. */
  public static SortedMap<String, RollUp> byPool(UsageRecorded usage) {
    var rows = new TreeMap<String, RollUp>();
    for (var attempt : usage.getAttempts()) {
      rows.merge(attempt.getPool(), call(attempt), RollUp::plus);
    }
    switch (usage.getKind()) {
      case SETTLEMENT -> rows.merge(pool(usage), request(usage), RollUp::plus);
      case CORRECTION -> rows.merge(pool(usage), correction(usage), RollUp::plus);
      case LATE_COST, UNKNOWN -> {
        // no request of its own, and no charge
      }
    }
    return rows;
  }

  /** Additions by all that they are added to. */
  public static Map<RollUpKey, RollUp> additions(UsageRecorded usage) {
    var additions = new LinkedHashMap<RollUpKey, RollUp>();
    var organization = usage.getOrganization();
    var day = day(usage.getRecordedAt());
    var whole = RollUp.ZERO;
    for (var row : byPool(usage).entrySet()) {
      var group = UsageGroup.of(usage, row.getKey());
      for (var width : BucketWidth.values()) {
        var start = width.start(usage.getRecordedAt());
        additions.put(new RollUpKey.Bucket(organization, width, start, group), row.getValue());
      }
      additions.put(new RollUpKey.Total(organization, model(usage), row.getKey()), row.getValue());
      whole = whole.plus(row.getValue());
    }
    if (usage.getEndUser() != null) {
      additions.put(
          new RollUpKey.Labelled(
              organization, Label.END_USER, day, usage.getEndUser(), model(usage)),
          whole);
    }
    for (var tag : usage.getTags()) {
      additions.put(new RollUpKey.Labelled(organization, Label.TAG, day, tag, model(usage)), whole);
    }
    additions.put(
        new RollUpKey.Labelled(
            organization,
            Label.PRICE_RULE,
            day,
            usage.getPriceRule() == null ? Label.NONE : usage.getPriceRule(),
            model(usage)),
        whole);
    for (var flag : usage.getFlags()) {
      additions.put(
          new RollUpKey.Labelled(organization, Label.FLAG, day, flag, model(usage)), whole);
    }
    for (var attempt : usage.getAttempts()) {
      additions.merge(
          new RollUpKey.Upstream(
              organization,
              day(attempt.getFinishedAt()),
              attempt.getPool(),
              attempt.getUpstreamModel()),
          call(attempt),
          RollUp::plus);
    }
    return additions;
  }

  private static LocalDate day(Instant at) {
    return at.atZone(ZoneOffset.UTC).toLocalDate();
  }

  /** The model that a request, its charge and its calls are counted under: the one that served. */
  static String model(UsageRecorded usage) {
    var served = usage.getServedModel();
    return served == null ? usage.getModel() : served;
  }

  /** The pool that a request and its charge are counted under. */
  static String pool(UsageRecorded usage) {
    var pool = RollUpKey.NO_POOL;
    for (var attempt : usage.getAttempts()) {
      pool = attempt.getPool();
      if (attempt.getFailure() == null) {
        return pool;
      }
    }
    return pool;
  }

  private static RollUp call(Attempt attempt) {
    return new RollUp(
        0,
        0,
        1,
        new TreeMap<>(),
        TokenClasses.of(attempt.getUsage()),
        0,
        0,
        attempt.getCostNanoUsd(),
        new TreeMap<>(),
        0);
  }

  private static RollUp request(UsageRecorded usage) {
    return new RollUp(
        1,
        usage.getSucceeded() ? 1 : 0,
        0,
        TokenClasses.of(usage.getUsage()),
        new TreeMap<>(),
        usage.getChargeNanoUsd(),
        usage.getOverageNanoUsd(),
        0,
        chargeByClass(usage),
        usage.getListNanoUsd() == null
            ? 0
            : Math.subtractExact(usage.getListNanoUsd(), usage.getChargeNanoUsd()));
  }

  /** It changes what is owed; no request was made and no token used for it. */
  private static RollUp correction(UsageRecorded usage) {
    return new RollUp(
        0,
        0,
        0,
        new TreeMap<>(),
        new TreeMap<>(),
        usage.getChargeNanoUsd(),
        0,
        0,
        chargeByClass(usage),
        0);
  }

  private static SortedMap<String, Long> chargeByClass(UsageRecorded usage) {
    var charges = new TreeMap<String, Long>();
    for (var line : usage.getChargeLines()) {
      charges.merge(line.getTokenClass(), line.getAmountNanoUsd(), Math::addExact);
    }
    return charges;
  }
}
