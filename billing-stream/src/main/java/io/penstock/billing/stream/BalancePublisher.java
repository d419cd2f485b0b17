package io.penstock.billing.stream;

import io.penstock.billing.ledger.Balance;
import io.penstock.billing.ledger.Ledger;
import io.penstock.schemas.avro.BalanceChanged;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Publishes the balances that changed since the last time, once however often they changed. What it
 * remembers is lost with the task; so at its start it takes every organisation for changed, and a
 * balance is never left unpublished. Used by one thread.
 */
final class BalancePublisher {

  /** Where records go. */
  interface Sink {
    void forward(Record<String, SpecificRecord> record, String sink);
  }

  private final KeyValueStore<String, OrganizationState> organizations;
  private final Set<String> changed = new HashSet<>();
  private final Map<String, Long> published = new HashMap<>();

  BalancePublisher(KeyValueStore<String, OrganizationState> organizations) {
    this.organizations = organizations;
    try (var all = organizations.all()) {
      all.forEachRemaining(organization -> changed.add(organization.key));
    }
  }

  void changed(String organization) {
    changed.add(organization);
  }

  void publish(Sink sink) {
    for (var organization : changed) {
      var state = organizations.get(organization);
      if (state != null) {
        publish(organization, state, sink);
      }
    }
    changed.clear();
  }

  private void publish(String organization, OrganizationState state, Sink sink) {
    var since = published.getOrDefault(organization, 0L);
    state
        .books()
        .accounts()
        .forEach(
            (account, balance) -> {
              if (balance.sequence() > since) {
                sink.forward(record(organization, account, balance), BillingTopology.BALANCES);
              }
            });
    published.put(organization, state.books().sequence());
  }

  private static Record<String, SpecificRecord> record(
      String organization, String account, Balance balance) {
    var change =
        new BalanceChanged(
            organization,
            account,
            Ledger.CURRENCY,
            balance.debitsNanoUsd(),
            balance.creditsNanoUsd(),
            balance.sequence(),
            balance.bookedAt());
    return new Record<>(
        key(organization, account),
        change,
        balance.bookedAt().toEpochMilli(),
        PublicHeaders.of(change));
  }

  /**
   * {@code organisation/account}; a slash in the organisation is escaped, so that no two accounts
   * share a key.
   */
  static String key(String organization, String account) {
    return organization.replace("%", "%25").replace("/", "%2F") + "/" + account;
  }
}
