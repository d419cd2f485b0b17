package io.penstock.billing.stream;

import io.penstock.billing.report.BillingReader.ElsewhereException;
import io.penstock.billing.report.BillingReader.UnavailableException;
import java.net.InetSocketAddress;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.HostInfo;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * The stores of a running Kafka Streams client; those of other instances are unavailable.
 * Thread-safe.
 */
public final class StreamsStores implements StoreReader.StoreAccess {

  private final KafkaStreams streams;
  private final HostInfo self;

  /**
   * @param self what {@code application.server} says of this instance
   */
  public StreamsStores(KafkaStreams streams, HostInfo self) {
    this.streams = streams;
    this.self = self;
  }

  @Override
  public <K, V> ReadOnlyKeyValueStore<K, V> of(String store, String organization)
      throws UnavailableException {
    try {
      var owner = streams.queryMetadataForKey(store, organization, Serdes.String().serializer());
      if (owner == null || owner.equals(KeyQueryMetadata.NOT_AVAILABLE)) {
        throw new UnavailableException("billing is being moved to another instance");
      }
      if (!owner.activeHost().equals(self)) {
        throw new ElsewhereException(
            InetSocketAddress.createUnresolved(
                owner.activeHost().host(), owner.activeHost().port()));
      }
      return streams.store(
          StoreQueryParameters.fromNameAndType(store, QueryableStoreTypes.<K, V>keyValueStore())
              .withPartition(owner.partition()));
    } catch (InvalidStateStoreException e) {
      throw new UnavailableException("billing is being restored");
    }
  }

  @Override
  public <K, V> ReadOnlyKeyValueStore<K, V> local(String store) throws UnavailableException {
    try {
      return streams.store(
          StoreQueryParameters.fromNameAndType(store, QueryableStoreTypes.<K, V>keyValueStore()));
    } catch (InvalidStateStoreException e) {
      throw new UnavailableException("billing is being restored");
    }
  }
}
