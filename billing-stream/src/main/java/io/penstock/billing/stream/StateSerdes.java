package io.penstock.billing.stream;

import io.penstock.billing.ledger.Balance;
import io.penstock.billing.ledger.Books;
import io.penstock.billing.ledger.ChainHead;
import io.penstock.billing.report.ChargeSums;
import io.penstock.billing.report.RollUp;
import io.penstock.billing.stream.OrganizationState.UsagePosition;
import io.penstock.platform.kafka.StateSerde;
import io.penstock.schemas.avro.AccountBalance;
import io.penstock.schemas.avro.ChargeSum;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.LedgerHead;
import io.penstock.schemas.avro.OrganizationBooks;
import io.penstock.schemas.avro.SeenUsage;
import io.penstock.schemas.avro.UsageRollUp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Serdes of the stores: Avro's single-object encoding, without a registry. Its fingerprint makes
 * bytes of another schema version an error instead of nonsense.
 */
final class StateSerdes {

  /** How many earlier schemas of a record there are. */
  private static final Map<Class<?>, Integer> EARLIER =
      Map.of(LedgerEntryPosted.class, 1, UsageRollUp.class, 2);

  private StateSerdes() {}

  static Serde<OrganizationState> organizations() {
    return of(OrganizationBooks.class, StateSerdes::state, StateSerdes::value);
  }

  static Serde<LedgerEntryPosted> journal() {
    return of(LedgerEntryPosted.class, Function.identity(), Function.identity());
  }

  static Serde<SeenUsage> seen() {
    return of(SeenUsage.class, Function.identity(), Function.identity());
  }

  static Serde<RollUp> rollUps() {
    return of(UsageRollUp.class, StateSerdes::state, StateSerdes::value);
  }

  static Serde<ChainHead> chain() {
    return of(
        LedgerHead.class,
        head -> new LedgerHead(head.position(), head.hash(), head.clock()),
        head -> new ChainHead(head.getPosition(), head.getHash(), head.getClock()));
  }

  static Serde<ChargeSums> charges() {
    return of(
        ChargeSum.class,
        sums -> new ChargeSum(sums.quantity(), sums.amountNanoUsd(), sums.lines()),
        sum -> new ChargeSums(sum.getQuantity(), sum.getAmountNanoUsd(), sum.getLines()));
  }

  private static <R extends SpecificRecord, V> Serde<V> of(
      Class<R> type, Function<V, R> toRecord, Function<R, V> toValue) {
    var data = SpecificData.getForClass(type);
    var schema = data.getSchema(type);
    var decoder = new BinaryMessageDecoder<R>(data, schema);
    earlier(type).forEach(decoder::addSchema);
    var records = StateSerde.of(new BinaryMessageEncoder<R>(data, schema), decoder);
    return Serdes.serdeFrom(
        (topic, value) ->
            value == null ? null : records.serializer().serialize(topic, toRecord.apply(value)),
        (topic, bytes) ->
            bytes == null ? null : toValue.apply(records.deserializer().deserialize(topic, bytes)));
  }

  /** Schemas that earlier versions wrote stores with. */
  private static List<Schema> earlier(Class<?> type) {
    var schemas = new ArrayList<Schema>();
    for (int version = 1; version <= EARLIER.getOrDefault(type, 0); version++) {
      var name = "/state/" + type.getSimpleName() + "-" + version + ".avsc";
      try (var schema = StateSerdes.class.getResourceAsStream(name)) {
        schemas.add(
            new Schema.Parser().parse(Objects.requireNonNull(schema, name + " is missing")));
      } catch (IOException e) {
        throw new UncheckedIOException(name, e);
      }
    }
    return schemas;
  }

  private static OrganizationBooks state(OrganizationState value) {
    var books = value.books();
    var accounts = new ArrayList<AccountBalance>(books.accounts().size());
    books
        .accounts()
        .forEach(
            (account, balance) ->
                accounts.add(
                    new AccountBalance(
                        account,
                        balance.debitsNanoUsd(),
                        balance.creditsNanoUsd(),
                        balance.sequence(),
                        balance.bookedAt())));
    var position = value.position();
    return new OrganizationBooks(
        books.organization(),
        books.sequence(),
        accounts,
        position.partition(),
        position.offset(),
        position.records(),
        position.repeated());
  }

  private static OrganizationState value(OrganizationBooks state) {
    var accounts = new TreeMap<String, Balance>();
    for (var account : state.getAccounts()) {
      accounts.put(
          account.getAccount(),
          new Balance(
              account.getDebitsNanoUsd(),
              account.getCreditsNanoUsd(),
              account.getSequence(),
              account.getBookedAt()));
    }
    return new OrganizationState(
        new Books(state.getOrganization(), state.getSequence(), accounts),
        new UsagePosition(
            state.getUsagePartition(),
            state.getUsageOffset(),
            state.getUsageRecords(),
            state.getUsageRepeated()));
  }

  private static UsageRollUp state(RollUp value) {
    return new UsageRollUp(
        value.requests(),
        value.succeeded(),
        value.calls(),
        value.chargedTokens(),
        value.upstreamTokens(),
        value.chargeNanoUsd(),
        value.overageNanoUsd(),
        value.costNanoUsd(),
        value.chargeByClass(),
        value.discountNanoUsd());
  }

  private static RollUp value(UsageRollUp state) {
    return new RollUp(
        state.getRequests(),
        state.getSucceeded(),
        state.getCalls(),
        new TreeMap<>(state.getChargedTokens()),
        new TreeMap<>(state.getUpstreamTokens()),
        state.getChargeNanoUsd(),
        state.getOverageNanoUsd(),
        state.getCostNanoUsd(),
        new TreeMap<>(state.getChargeByClass()),
        state.getDiscountNanoUsd());
  }
}
