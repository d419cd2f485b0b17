package io.penstock.billing.alert;

import io.penstock.schemas.avro.WebhookDue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Deliveries that wait and those that are being tried, in memory: an endpoint that does not answer
 * holds up nobody else, because it may have a few attempts at a time only. Used by one thread.
 */
final class DueDeliveries {

  private static final int FLYING_MAX = 64;
  private static final int FLYING_BY_ENDPOINT_MAX = 2;

  private final Map<String, WebhookDue> all = new HashMap<>();
  private final TreeSet<WebhookDue> waiting =
      new TreeSet<>(Comparator.comparing(WebhookDue::getDueAt).thenComparing(WebhookDue::getId));
  private final Map<String, Integer> flyingByEndpoint = new HashMap<>();
  private final Map<String, Integer> byOrganization = new HashMap<>();
  private int flying;

  /** Takes a delivery in that has to wait for its time. */
  void add(WebhookDue due) {
    if (all.put(due.getId(), due) == null) {
      byOrganization.merge(due.getOrganization(), 1, Integer::sum);
    }
    waiting.add(due);
  }

  boolean has(String id) {
    return all.containsKey(id);
  }

  /** Deliveries of an organisation that are not done. */
  int of(String organization) {
    return byOrganization.getOrDefault(organization, 0);
  }

  /** Takes out what is due and may be tried now; each has to be {@link #landed} later. */
  List<WebhookDue> take(Instant now) {
    var taken = new ArrayList<WebhookDue>();
    for (var due : waiting) {
      if (due.getDueAt().isAfter(now) || flying >= FLYING_MAX) {
        break;
      }
      var endpoint = endpoint(due);
      if (flyingByEndpoint.getOrDefault(endpoint, 0) < FLYING_BY_ENDPOINT_MAX) {
        flyingByEndpoint.merge(endpoint, 1, Integer::sum);
        flying++;
        taken.add(due);
      }
    }
    taken.forEach(waiting::remove);
    return taken;
  }

  /** An attempt is over; the delivery is neither waiting nor being tried now. Null when unknown. */
  @Nullable WebhookDue landed(String id) {
    var due = all.get(id);
    if (due == null) {
      return null;
    }
    flying--;
    flyingByEndpoint.compute(
        endpoint(due), (_, count) -> count == null || count == 1 ? null : count - 1);
    return due;
  }

  /** Forgets a delivery that is done. */
  void done(WebhookDue due) {
    all.remove(due.getId());
    byOrganization.compute(
        due.getOrganization(), (_, count) -> count == null || count == 1 ? null : count - 1);
  }

  private static String endpoint(WebhookDue due) {
    return due.getOrganization() + "\n" + due.getEndpoint();
  }
}
