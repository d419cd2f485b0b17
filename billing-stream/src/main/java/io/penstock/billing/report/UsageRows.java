package io.penstock.billing.report;

import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.UsageKind;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.ZoneOffset;
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
    if (usage.getKind() == UsageKind.SETTLEMENT) {
      rows.merge(pool(usage), request(usage), RollUp::plus);
    }
    return rows;
  }

  /** The day's key of one of these additions. */
  public static RollUpKey.Daily daily(UsageRecorded usage, String pool) {
    var day = usage.getRecordedAt().atZone(ZoneOffset.UTC).toLocalDate();
    return new RollUpKey.Daily(
        usage.getOrganization(), day, usage.getApiKey(), usage.getModel(), pool);
  }

  /** The lifetime key of one of these additions. */
  public static RollUpKey.Total total(UsageRecorded usage, String pool) {
    return new RollUpKey.Total(usage.getOrganization(), usage.getModel(), pool);
  }

  private static String pool(UsageRecorded usage) {
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
        attempt.getCostNanoUsd());
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
        0);
  }
}
