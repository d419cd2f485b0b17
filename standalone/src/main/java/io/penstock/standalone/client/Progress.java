package io.penstock.standalone.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.platform.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A batch at one moment, as a progress bar shows it.
 *
 * @param retries calls beyond the first of each line; null when unknown
 * @param spend charged so far; null when unknown
 */
public record Progress(
    String status,
    long done,
    long failed,
    long total,
    long inFlight,
    @Nullable Long retries,
    @Nullable Money spend) {

  /** Reads a batch object. */
  public static Progress of(JsonNode batch, @Nullable Long retries, @Nullable Money spend) {
    var counts = batch.path("request_counts");
    var done = counts.path("completed").asLong() + counts.path("failed").asLong();
    var inFlight = Math.max(0, batch.path("penstock").path("dispatched").asLong() - done);
    var charged = batch.path("penstock").path("charge_usd").asText("");
    return new Progress(
        batch.path("status").asText(),
        done,
        counts.path("failed").asLong(),
        counts.path("total").asLong(),
        inFlight,
        retries,
        spend == null && !charged.isEmpty() ? Money.ofUsd(charged) : spend);
  }
}
