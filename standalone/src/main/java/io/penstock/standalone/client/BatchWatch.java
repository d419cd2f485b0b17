package io.penstock.standalone.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.standalone.client.ApiClientException.Again;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;

/**
 * Follows a batch to its end. A batch outlives the process that runs it, so a server that is being
 * restarted is waited for.
 */
public final class BatchWatch {

  private static final Set<String> ENDED = Set.of("completed", "failed", "expired", "cancelled");

  private final ApiClient client;
  private final ProgressBar bar;
  private final Duration poll;
  private final Duration patience;

  /**
   * Prepares to follow.
   *
   * @param poll between two questions
   * @param patience how long nobody may answer
   */
  public BatchWatch(ApiClient client, ProgressBar bar, Duration poll, Duration patience) {
    this.client = client;
    this.bar = bar;
    this.poll = poll;
    this.patience = patience;
  }

  /** Whether nothing will change about the batch any more. */
  public static boolean ended(JsonNode batch) {
    return ENDED.contains(batch.path("status").asText());
  }

  /**
   * Returns when the batch has ended.
   *
   * @return the batch object
   * @throws ApiClientException the server refuses, or has not answered for the whole patience
   */
  public JsonNode toEnd(String id) throws IOException, InterruptedException {
    var answered = System.nanoTime();
    while (true) {
      try {
        var batch = client.batch(id);
        answered = System.nanoTime();
        bar.show(Progress.of(batch, null, null));
        if (ended(batch)) {
          bar.finish();
          return batch;
        }
      } catch (ApiClientException e) {
        if (e.again() == Again.USELESS || System.nanoTime() - answered > patience.toNanos()) {
          bar.finish();
          throw e;
        }
        bar.note("waiting for the server to come back");
      }
      Thread.sleep(poll);
    }
  }
}
