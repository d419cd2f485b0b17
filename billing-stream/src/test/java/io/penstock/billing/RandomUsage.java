package io.penstock.billing;

import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.BudgetPosting;
import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.ChargeLine;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.UsageKind;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Usage as it may come, the same for the same seed: settlements with and without credit and
 * overage, late costs, corrections, what belongs to a closed month, what nobody can believe,
 * repetitions and contradictions. It is made without builders, because a million records are asked
 * for.
 */
public final class RandomUsage {

  private static final List<String> POOLS = List.of("openai", "azure", "local");
  private static final List<String> GRANTS = List.of("gift", "top-up", "a/b");
  private static final int REMEMBERED = 64;

  private final SplittableRandom random;
  private final List<String> organizations;
  private final Instant now;
  private final List<UsageRecorded> earlier = new ArrayList<>();
  private int count;

  public RandomUsage(long seed, List<String> organizations, Instant now) {
    this.random = new SplittableRandom(seed);
    this.organizations = organizations;
    this.now = now;
  }

  /** Whether a record of this time may be booked at all. */
  public static boolean isBelievable(UsageRecorded usage, Instant now) {
    return !usage.getRecordedAt().isBefore(now.minus(Duration.ofDays(35)))
        && !usage.getRecordedAt().isAfter(now.plus(Duration.ofMinutes(5)));
  }

  public UsageRecorded next() {
    if (!earlier.isEmpty() && random.nextInt(5) == 0) {
      var again = UsageRecorded.newBuilder(earlier.get(random.nextInt(earlier.size()))).build();
      return random.nextInt(3) == 0 ? contradicting(again) : again;
    }
    var usage = fresh();
    if (earlier.size() < REMEMBERED) {
      earlier.add(usage);
    } else {
      earlier.set(random.nextInt(REMEMBERED), usage);
    }
    return usage;
  }

  /** A record that contradicts itself, in one of many ways; nothing of it may ever be booked. */
  public UsageRecorded broken() {
    var usage = settlement("broken-" + count++, organization());
    switch (random.nextInt(8)) {
      case 0 -> usage.setChargeNanoUsd(usage.getChargeNanoUsd() + 1);
      case 1 -> usage.setCostNanoUsd(usage.getCostNanoUsd() + 1);
      case 2 -> usage.setOverageNanoUsd(usage.getChargeNanoUsd() + 1);
      case 3 -> usage.setKind(UsageKind.UNKNOWN);
      case 4 -> {
        usage.setKind(UsageKind.LATE_COST);
        usage.setChargeNanoUsd(5);
      }
      case 5 -> {
        usage.setChargeNanoUsd(-1);
        usage.setChargeLines(List.of(line(-1)));
      }
      case 6 -> usage.setPostings(List.of(credit(usage, "gift", usage.getChargeNanoUsd() + 1)));
      default -> usage.setChargeLines(List.of(line(Long.MAX_VALUE), line(Long.MAX_VALUE)));
    }
    return usage;
  }

  private UsageRecorded contradicting(UsageRecorded usage) {
    usage.setCostNanoUsd(usage.getCostNanoUsd() + 1 + random.nextInt(100));
    return usage;
  }

  private UsageRecorded fresh() {
    var id = "r" + count++;
    var organization = organization();
    var usage =
        switch (random.nextInt(8)) {
          case 0 -> lateCost(id, organization);
          case 1 -> correction(id, organization);
          default -> settlement(id, organization);
        };
    usage.setRecordedAt(
        now.minus(
            switch (random.nextInt(24)) {
              case 0, 1 -> Duration.ofDays(20 + random.nextInt(14));
              case 2 -> Duration.ofDays(36);
              case 3 -> Duration.ofMinutes(-6);
              default -> Duration.ofSeconds(random.nextInt(3600));
            }));
    return usage;
  }

  private UsageRecorded settlement(String id, String organization) {
    var usage = blank(id, id, organization, UsageKind.SETTLEMENT);
    usage.setSucceeded(true);
    attempts(usage, random.nextInt(4));
    var lines = new ArrayList<ChargeLine>();
    var charge = 0L;
    for (int i = random.nextInt(4); i > 0; i--) {
      var amount = amount();
      lines.add(line(amount));
      charge += amount;
    }
    usage.setChargeLines(lines);
    usage.setChargeNanoUsd(charge);
    usage.setHoldNanoUsd(charge);
    if (random.nextInt(4) == 0) {
      usage.setOverageNanoUsd(random.nextLong(charge + 1));
    }
    if (random.nextInt(3) == 0) {
      usage.setPostings(postings(usage, charge));
    }
    return usage;
  }

  /** Budgets besides, and one or two grants that pay all of it, or all but a little. */
  private List<BudgetPosting> postings(UsageRecorded usage, long charge) {
    var postings = new ArrayList<BudgetPosting>();
    postings.add(
        new BudgetPosting(
            usage.getOrganization() + "|monthly|all|2026-03", BudgetUnit.TOKENS, 9L, 7L));
    postings.add(
        new BudgetPosting(
            usage.getOrganization() + "|credit|all|2026-03", BudgetUnit.NANO_USD, 9L, charge));
    var first = random.nextLong(charge + 1);
    postings.add(credit(usage, GRANTS.get(random.nextInt(GRANTS.size())), first));
    if (random.nextBoolean()) {
      postings.add(credit(usage, GRANTS.get(random.nextInt(GRANTS.size())), charge - first));
    }
    return postings;
  }

  private static BudgetPosting credit(UsageRecorded usage, String grant, long posted) {
    return new BudgetPosting(
        usage.getOrganization() + "|credit|" + grant, BudgetUnit.NANO_USD, posted, posted);
  }

  private UsageRecorded lateCost(String id, String organization) {
    var usage = blank(id + "/9", id, organization, UsageKind.LATE_COST);
    attempts(usage, 1);
    return usage;
  }

  private UsageRecorded correction(String id, String organization) {
    var usage = blank("correction/" + id, id, organization, UsageKind.CORRECTION);
    var amount = random.nextLong(-1_000_000, 1_000_000);
    usage.setChargeLines(List.of(new ChargeLine("correction", 0L, "0", amount)));
    usage.setChargeNanoUsd(amount);
    usage.setCorrectsPeriod("2026-02");
    usage.setReason("agreed on");
    return usage;
  }

  private UsageRecorded blank(String usageId, String request, String organization, UsageKind kind) {
    var usage = new UsageRecorded();
    usage.setUsageId(usageId);
    usage.setKind(kind);
    usage.setRequestId(request);
    usage.setOrganization(organization);
    usage.setApiKey("key-1");
    usage.setTags(List.of());
    usage.setModel("small");
    usage.setSurface(Surface.OPENAI_CHAT);
    usage.setLane(Lane.BATCH);
    usage.setChargeLines(List.of());
    usage.setAttempts(List.of());
    usage.setPostings(List.of());
    usage.setFlags(List.of());
    usage.setAcceptedAt(now);
    usage.setRecordedAt(now);
    return usage;
  }

  private void attempts(UsageRecorded usage, int many) {
    var attempts = new ArrayList<Attempt>();
    var cost = 0L;
    for (int number = 1; number <= many; number++) {
      var attempt = new Attempt();
      attempt.setNumber(number);
      attempt.setPool(POOLS.get(random.nextInt(POOLS.size())));
      attempt.setUpstreamModel("small-2");
      if (number < many) {
        attempt.setFailure(FailureKind.CUT);
      }
      attempt.setCostNanoUsd(amount());
      attempt.setStartedAt(now);
      attempt.setFinishedAt(now);
      cost += attempt.getCostNanoUsd();
      attempts.add(attempt);
    }
    usage.setAttempts(attempts);
    usage.setCostNanoUsd(cost);
  }

  private static ChargeLine line(long amountNanoUsd) {
    return new ChargeLine("output_text", 7L, "0.6", amountNanoUsd);
  }

  private String organization() {
    return organizations.get(random.nextInt(organizations.size()));
  }

  /** Often nothing, mostly little, sometimes much. */
  private long amount() {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> random.nextLong(1_000_000_000_000L);
      default -> random.nextLong(100_000);
    };
  }
}
