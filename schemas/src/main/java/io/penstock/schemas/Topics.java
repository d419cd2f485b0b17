package io.penstock.schemas;

import io.penstock.schemas.TopicSpec.Cleanup;
import io.penstock.schemas.TopicSpec.Durability;
import io.penstock.schemas.TopicSpec.Partitioning;
import io.penstock.schemas.avro.AuditRecorded;
import io.penstock.schemas.avro.BalanceChanged;
import io.penstock.schemas.avro.BatchAdvanced;
import io.penstock.schemas.avro.BatchCancelRequested;
import io.penstock.schemas.avro.BatchCreated;
import io.penstock.schemas.avro.BatchExpired;
import io.penstock.schemas.avro.BatchFilesWritten;
import io.penstock.schemas.avro.BatchRejected;
import io.penstock.schemas.avro.BatchValidated;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallCancelled;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.CancelRequested;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.DeadLetter;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.InferenceSubmitted;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.PoolStatus;
import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.RequestFinished;
import io.penstock.schemas.avro.UsageRecorded;
import io.penstock.schemas.avro.WebhookDue;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.avro.Schema;

/**
 * The topic catalogue, in the order of the flow. Nothing else in Penstock knows a topic's name.
 *
 * <p>Names hold dots and dashes only: Kafka folds {@code .} and {@code _} together in metric names.
 */
public final class Topics {

  static {
    TrustedRecords.trust();
  }

  /** Prefix used unless the configuration says otherwise. */
  public static final String DEFAULT_PREFIX = "penstock.";

  private static final Pattern SEGMENT = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
  private static final Duration WEEK = Duration.ofDays(7);
  private static final String ORGANIZATION = "organisation";

  private final String prefix;

  /**
   * @param prefix put before every name; empty, or ends with a dot
   * @throws IllegalArgumentException when the prefix is neither
   */
  public Topics(String prefix) {
    if (!prefix.isEmpty() && !prefix.endsWith(".")) {
      throw new IllegalArgumentException("topic prefix must be empty or end with a dot: " + prefix);
    }
    this.prefix = prefix;
  }

  /** The prefix of all names. */
  public String prefix() {
    return prefix;
  }

  /** Accepted requests of one lane. */
  public String requests(Lane lane) {
    return prefix + "requests." + name(lane);
  }

  /** Calls that a pool has to make, of one lane. */
  public String calls(String pool, Lane lane) {
    return prefix + "calls." + segment(pool) + "." + name(lane);
  }

  /** Calls that ended with an answer. */
  public String outcomes() {
    return prefix + "outcomes";
  }

  /** Calls that failed. */
  public String retries() {
    return prefix + "retries";
  }

  /** Answers to callers who wait. */
  public String replies() {
    return prefix + "replies";
  }

  /** The one terminal record of each background or batch request. */
  public String results() {
    return prefix + "results";
  }

  /** Priced usage. */
  public String usage() {
    return prefix + "usage";
  }

  /** Double-entry bookings. */
  public String ledger() {
    return prefix + "ledger";
  }

  /** Balances of accounts. */
  public String balances() {
    return prefix + "balances";
  }

  /** Commands and progress of batches. */
  public String batches() {
    return prefix + "batches";
  }

  /** Deliveries due. */
  public String webhooks() {
    return prefix + "webhooks";
  }

  /** How the workers' pools are doing. */
  public String pools() {
    return prefix + "pools";
  }

  /** Calls that nobody wants any more. */
  public String cancels() {
    return prefix + "cancels";
  }

  /** The catalogue: the only configuration store. */
  public String catalog() {
    return prefix + "catalog";
  }

  /** Records that nobody could handle. */
  public String deadLetters() {
    return prefix + "dead-letters";
  }

  /** Who changed, or was refused, what. */
  public String audit() {
    return prefix + "audit";
  }

  /** Requests that an organisation submits by topic. */
  public String submissions(String organization) {
    return prefix + "submissions." + segment(organization);
  }

  /** Every topic that exists whatever the catalogue holds, in the order of the flow. */
  public List<TopicSpec> fixed() {
    return List.of(
        requestsSpec(Lane.INTERACTIVE),
        requestsSpec(Lane.BATCH),
        delete(outcomes(), ORGANIZATION, WEEK, Map.of(), CallFinished.getClassSchema()),
        delete(retries(), ORGANIZATION, WEEK, Map.of(), CallFailed.getClassSchema()),
        new TopicSpec(
            cancels(),
            ORGANIZATION,
            List.of(CallCancelled.getClassSchema()),
            Partitioning.SINGLE,
            Cleanup.DELETE,
            Duration.ofMinutes(10),
            Durability.REPLICAS,
            Map.of("segment.ms", "600000")),
        delete(
            replies(),
            "ingress instance",
            Duration.ofMinutes(10),
            Map.of("segment.ms", "600000"),
            ReplyChunk.getClassSchema(),
            ReplyFinished.getClassSchema()),
        delete(results(), "job", Duration.ofDays(30), Map.of(), RequestFinished.getClassSchema()),
        delete(
            usage(), ORGANIZATION, Duration.ofDays(400), Map.of(), UsageRecorded.getClassSchema()),
        delete(
            ledger(),
            ORGANIZATION,
            TopicSpec.FOREVER,
            Durability.DISK_WHEN_ALONE,
            Map.of(),
            LedgerEntryPosted.getClassSchema()),
        new TopicSpec(
            balances(),
            "organisation/account",
            List.of(BalanceChanged.getClassSchema()),
            Partitioning.DEFAULT,
            Cleanup.COMPACT,
            TopicSpec.FOREVER,
            Durability.REPLICAS,
            Map.of()),
        new TopicSpec(
            batches(),
            "batch",
            List.of(
                BatchCreated.getClassSchema(),
                BatchValidated.getClassSchema(),
                BatchRejected.getClassSchema(),
                BatchAdvanced.getClassSchema(),
                BatchCancelRequested.getClassSchema(),
                BatchExpired.getClassSchema(),
                BatchFilesWritten.getClassSchema()),
            Partitioning.DEFAULT,
            Cleanup.DELETE,
            Duration.ofDays(90),
            Durability.DISK_WHEN_ALONE,
            Map.of()),
        delete(webhooks(), "endpoint", WEEK, Map.of(), WebhookDue.getClassSchema()),
        new TopicSpec(
            pools(),
            "pool/instance",
            List.of(PoolStatus.getClassSchema()),
            Partitioning.SINGLE,
            Cleanup.COMPACT,
            TopicSpec.FOREVER,
            Durability.REPLICAS,
            Map.of()),
        new TopicSpec(
            catalog(),
            "kind/name",
            List.of(CatalogEntry.getClassSchema()),
            Partitioning.SINGLE,
            Cleanup.COMPACT,
            TopicSpec.FOREVER,
            Durability.DISK_WHEN_ALONE,
            Map.of(
                "min.cleanable.dirty.ratio",
                "0.1",
                "delete.retention.ms",
                Long.toString(WEEK.toMillis()))),
        delete(
            deadLetters(),
            ORGANIZATION,
            Duration.ofDays(30),
            Map.of(),
            DeadLetter.getClassSchema()),
        delete(
            audit(), ORGANIZATION, Duration.ofDays(400), Map.of(), AuditRecorded.getClassSchema()));
  }

  /** The topics that a pool brings along: its calls, one topic a lane. */
  public List<TopicSpec> ofPool(String pool) {
    return List.of(callsSpec(pool, Lane.INTERACTIVE), callsSpec(pool, Lane.BATCH));
  }

  /** The topic that an organisation submits to. */
  public TopicSpec ofSubmissions(String organization) {
    return delete(
        submissions(organization),
        "the producer's own",
        WEEK,
        Durability.DISK_WHEN_ALONE,
        Map.of(),
        InferenceSubmitted.getClassSchema());
  }

  private TopicSpec requestsSpec(Lane lane) {
    return delete(
        requests(lane),
        ORGANIZATION,
        WEEK,
        Durability.DISK_WHEN_ALONE,
        Map.of(),
        InferenceRequested.getClassSchema(),
        CancelRequested.getClassSchema());
  }

  private TopicSpec callsSpec(String pool, Lane lane) {
    return delete(calls(pool, lane), "none", WEEK, Map.of(), CallAssigned.getClassSchema());
  }

  private static TopicSpec delete(
      String name, String key, Duration retention, Map<String, String> settings, Schema... values) {
    return delete(name, key, retention, Durability.REPLICAS, settings, values);
  }

  private static TopicSpec delete(
      String name,
      String key,
      Duration retention,
      Durability durability,
      Map<String, String> settings,
      Schema... values) {
    return new TopicSpec(
        name,
        key,
        List.of(values),
        Partitioning.DEFAULT,
        Cleanup.DELETE,
        retention,
        durability,
        settings);
  }

  private static String name(Lane lane) {
    return lane.name().toLowerCase(Locale.ROOT);
  }

  private static String segment(String name) {
    if (!SEGMENT.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "a name that is part of a topic's must match " + SEGMENT.pattern() + ": " + name);
    }
    return name;
  }
}
