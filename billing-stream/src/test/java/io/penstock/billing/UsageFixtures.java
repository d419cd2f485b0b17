package io.penstock.billing;

import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.ChargeLine;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageKind;
import io.penstock.schemas.avro.UsageRecorded;
import io.penstock.schemas.avro.UsageSource;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Usage records as the router writes them. */
public final class UsageFixtures {

  public static final Instant AT = Instant.parse("2026-03-14T23:59:59.999Z");

  private UsageFixtures() {}

  /** An answered request: one charge line for each amount. */
  public static UsageRecorded settlement(
      String organization, String request, List<Attempt> attempts, long... lines) {
    return usage(organization, request, request, attempts)
        .setKind(UsageKind.SETTLEMENT)
        .setSucceeded(true)
        .setUsage(tokens(11, 7))
        .setChargeLines(Arrays.stream(lines).mapToObj(UsageFixtures::line).toList())
        .setChargeNanoUsd(Arrays.stream(lines).sum())
        .setHoldNanoUsd(Arrays.stream(lines).sum())
        .build();
  }

  /** An attempt that ended after its request was settled. */
  public static UsageRecorded lateCost(String organization, String request, Attempt attempt) {
    return usage(organization, request, request + "/" + attempt.getNumber(), List.of(attempt))
        .setKind(UsageKind.LATE_COST)
        .setSucceeded(false)
        .build();
  }

  /** An administrator's correction of what is owed. */
  public static UsageRecorded correction(String organization, String id, long amountNanoUsd) {
    return usage(organization, id, "correction/" + id, List.of())
        .setKind(UsageKind.CORRECTION)
        .setSucceeded(false)
        .setChargeLines(List.of(new ChargeLine("correction", 0L, "0", amountNanoUsd)))
        .setChargeNanoUsd(amountNanoUsd)
        .setCorrectsPeriod("2026-02")
        .setReason("agreed on")
        .build();
  }

  private static UsageRecorded.Builder usage(
      String organization, String request, String usageId, List<Attempt> attempts) {
    return UsageRecorded.newBuilder()
        .setUsageId(usageId)
        .setRequestId(request)
        .setOrganization(organization)
        .setApiKey("key-1")
        .setModel("small")
        .setSurface(Surface.OPENAI_CHAT)
        .setLane(Lane.BATCH)
        .setAttempts(attempts)
        .setCostNanoUsd(attempts.stream().mapToLong(Attempt::getCostNanoUsd).sum())
        .setChargeNanoUsd(0)
        .setHoldNanoUsd(0)
        .setOverageNanoUsd(0)
        .setAcceptedAt(AT.minusSeconds(5))
        .setRecordedAt(AT);
  }

  /** A call that was answered. */
  public static Attempt answered(int number, String pool, long costNanoUsd) {
    return attempt(number, pool, costNanoUsd, null);
  }

  /** A call that failed, which may have cost something nevertheless. */
  public static Attempt failed(int number, String pool, long costNanoUsd) {
    return attempt(number, pool, costNanoUsd, FailureKind.CUT);
  }

  private static Attempt attempt(
      int number, String pool, long costNanoUsd, @Nullable FailureKind failure) {
    return Attempt.newBuilder()
        .setNumber(number)
        .setPool(pool)
        .setUpstreamModel("small-2")
        .setFailure(failure)
        .setUsage(tokens(11, 7))
        .setCostNanoUsd(costNanoUsd)
        .setStartedAt(AT.minusSeconds(2))
        .setFinishedAt(AT.minusSeconds(1))
        .build();
  }

  public static TokenUsage tokens(long input, long output) {
    return TokenUsage.newBuilder()
        .setSource(UsageSource.PROVIDER)
        .setInputUncached(input)
        .setOutputText(output)
        .build();
  }

  public static ChargeLine line(long amountNanoUsd) {
    return new ChargeLine("output_text", 7L, "0.6", amountNanoUsd);
  }
}
