package io.penstock.billing.report;

import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.UsageRecorded;

/**
 * What usage of a bucket is summed by. A text is empty where there is no such thing.
 *
 * @param project of the key
 * @param team of the key
 * @param apiKey id of the key
 * @param model that served, by its own name; the one asked for where none did
 * @param pool {@link RollUpKey#NO_POOL} where no call was made
 * @param embeddings whether it is about embeddings
 * @param batch whether nobody waited
 */
public record UsageGroup(
    String project,
    String team,
    String apiKey,
    String model,
    String pool,
    boolean embeddings,
    boolean batch) {

  /** The group of a record and one of its pools. */
  static UsageGroup of(UsageRecorded usage, String pool) {
    return new UsageGroup(
        usage.getProject() == null ? "" : usage.getProject(),
        usage.getTeam() == null ? "" : usage.getTeam(),
        usage.getApiKey(),
        UsageRows.model(usage),
        pool,
        usage.getSurface() == Surface.OPENAI_EMBEDDINGS,
        usage.getLane() == Lane.BATCH);
  }
}
