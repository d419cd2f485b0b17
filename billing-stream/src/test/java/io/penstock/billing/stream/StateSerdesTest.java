package io.penstock.billing.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.LedgerEntryKind;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.junit.jupiter.api.Test;

/** Stores that an earlier version has written are still read. */
final class StateSerdesTest {

  private static Schema earlier(String name) throws IOException {
    try (var schema = StateSerdesTest.class.getResourceAsStream("/state/" + name + ".avsc")) {
      return new Schema.Parser().parse(schema);
    }
  }

  private static byte[] encoded(GenericRecord record) throws IOException {
    var buffer =
        new BinaryMessageEncoder<GenericRecord>(new GenericData(), record.getSchema())
            .encode(record);
    var bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  @Test
  void anEntryFromBeforeTheHashChainIsReadWithoutAHash() throws IOException {
    var record = new GenericData.Record(earlier("LedgerEntryPosted-1"));
    record.put("entry_id", "entry_r1");
    record.put("organization", "acme");
    record.put("sequence", 1L);
    record.put("currency", "USD");
    record.put("postings", List.of());
    record.put("occurred_at", 0L);
    record.put("booked_at", 0L);

    var entry = StateSerdes.journal().deserializer().deserialize("journal", encoded(record));

    assertThat(entry.getEntryId()).isEqualTo("entry_r1");
    assertThat(entry.getBookedAt()).isEqualTo(Instant.EPOCH);
    assertThat(entry.getKind()).isEqualTo(LedgerEntryKind.USAGE);
    assertThat(entry.getHash()).isNull();
    assertThat(entry.getChainPosition()).isZero();
  }

  @Test
  void aSumFromBeforeChargesWereSummedByClassIsReadWithoutThem() throws IOException {
    var record = new GenericData.Record(earlier("UsageRollUp-1"));
    for (var field : record.getSchema().getFields()) {
      record.put(
          field.pos(), field.schema().getType() == Schema.Type.MAP ? Map.of("a", 3L) : (Object) 7L);
    }

    var sums = StateSerdes.rollUps().deserializer().deserialize("roll-ups", encoded(record));

    assertThat(sums.requests()).isEqualTo(7);
    assertThat(sums.chargedTokens()).isEqualTo(Map.of("a", 3L));
    assertThat(sums.chargeByClass()).isEmpty();
  }

  @Test
  void aSumFromBeforeThereWerePriceRulesIsReadWithoutADiscount() throws IOException {
    var record = new GenericData.Record(earlier("UsageRollUp-2"));
    for (var field : record.getSchema().getFields()) {
      record.put(
          field.pos(), field.schema().getType() == Schema.Type.MAP ? Map.of("a", 3L) : (Object) 7L);
    }

    var sums = StateSerdes.rollUps().deserializer().deserialize("roll-ups", encoded(record));

    assertThat(sums.chargeByClass()).isEqualTo(Map.of("a", 3L));
    assertThat(sums.listNanoUsd()).isEqualTo(7);
  }
}
