package io.penstock.billing.stream;

import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AuditRecorded;
import io.penstock.schemas.avro.BalanceChanged;
import io.penstock.schemas.avro.DeadLetter;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.UsageRecorded;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The billing topology: {@code usage → book → ledger, balances}; what cannot be booked and need not
 * stop anybody goes to {@code dead-letters}, and {@code audit} says so.
 */
public final class BillingTopology {

  static final String USAGE = "usage";
  static final String BOOK = "book";
  static final String LEDGER = "ledger";
  static final String BALANCES = "balances";
  static final String DEAD_LETTERS = "dead-letters";
  static final String AUDIT = "audit";

  /** Books and positions, by organisation. */
  static final String ORGANIZATIONS = "organizations";

  /** The latest entries, by organisation and sequence. */
  static final String JOURNAL = "journal";

  /** Usage ids already handled. */
  static final String SEEN = "seen";

  /** Sums, by {@link io.penstock.billing.report.RollUpKey}. */
  static final String ROLL_UPS = "roll-ups";

  /** The end of the hash chain of the partition, under {@link #HEAD}. */
  static final String CHAIN = "chain";

  static final String HEAD = "head";

  /** Charges by period, by {@link io.penstock.billing.report.ChargeKey}. */
  static final String CHARGES = "charges";

  private BillingTopology() {}

  /** Builds it; nothing runs and nothing is read here. */
  public static Topology of(Topics topics, RecordSerdes serdes, BookingLimits limits) {
    var topology = new Topology();
    topology.addSource(
        USAGE,
        Serdes.String().deserializer(),
        serdes.deserializer(UsageRecorded.class),
        topics.usage());
    topology.addProcessor(
        BOOK,
        () ->
            new BookingProcessor(
                limits, new Mishaps(topics.usage(), serdes.<UsageRecorded>serializer())),
        USAGE);
    // organisations and sums change many times between two commits: the cache writes the last value
    // only
    topology.addStateStore(
        store(ORGANIZATIONS, Serdes.String(), StateSerdes.organizations()).withCachingEnabled(),
        BOOK);
    topology.addStateStore(
        store(ROLL_UPS, Serdes.Bytes(), StateSerdes.rollUps()).withCachingEnabled(), BOOK);
    topology.addStateStore(
        store(CHARGES, Serdes.Bytes(), StateSerdes.charges()).withCachingEnabled(), BOOK);
    topology.addStateStore(
        store(CHAIN, Serdes.String(), StateSerdes.chain()).withCachingEnabled(), BOOK);
    topology.addStateStore(store(JOURNAL, Serdes.Bytes(), StateSerdes.journal()), BOOK);
    topology.addStateStore(store(SEEN, Serdes.Bytes(), StateSerdes.seen()), BOOK);
    topology.addSink(
        LEDGER,
        topics.ledger(),
        Serdes.String().serializer(),
        serdes.<LedgerEntryPosted>serializer(),
        BOOK);
    topology.addSink(
        BALANCES,
        topics.balances(),
        Serdes.String().serializer(),
        serdes.<BalanceChanged>serializer(),
        BOOK);
    topology.addSink(
        DEAD_LETTERS,
        topics.deadLetters(),
        Serdes.String().serializer(),
        serdes.<DeadLetter>serializer(),
        BOOK);
    topology.addSink(
        AUDIT,
        topics.audit(),
        Serdes.String().serializer(),
        serdes.<AuditRecorded>serializer(),
        BOOK);
    return topology;
  }

  private static <K, V> StoreBuilder<KeyValueStore<K, V>> store(
      String name, Serde<K> key, Serde<V> value) {
    return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), key, value);
  }
}
