package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.avro.BalanceChanged;
import io.penstock.schemas.avro.CancelRequested;
import io.penstock.schemas.avro.Lane;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

final class RecordSerdesTest {

  private static final Instant AT = Instant.parse("2026-03-14T23:59:59.999Z");
  private static final BalanceChanged BALANCE =
      new BalanceChanged("acme", "revenue", "USD", 0L, 7L, 3L, AT);

  private final Topics topics = new Topics(Topics.DEFAULT_PREFIX);
  private final RecordSerdes serdes = RecordSerdes.inMemory("record-serdes");

  @Test
  void whatIsWrittenIsReadBack() {
    var bytes = serdes.<BalanceChanged>serializer().serialize(topics.balances(), BALANCE);

    assertThat(serdes.deserializer(BalanceChanged.class).deserialize(topics.balances(), bytes))
        .isEqualTo(BALANCE);
  }

  @Test
  void bytesBeginWithTheMagicByteAndTheIdUnderWhichTheRegistryKnowsTheSchema() throws Exception {
    var bytes = serdes.<BalanceChanged>serializer().serialize(topics.balances(), BALANCE);

    var buffer = ByteBuffer.wrap(bytes);
    assertThat(buffer.get()).isZero();
    var schema = serdes.client().getSchemaById(buffer.getInt());
    assertThat(schema.rawSchema()).isEqualTo(BalanceChanged.getClassSchema());
    var plain = BalanceChanged.getEncoder().encode(BALANCE);
    assertThat(Arrays.copyOfRange(bytes, 5, bytes.length))
        .as(
            "after the header nothing but Avro: single-object encoding has ten bytes before the same")
        .isEqualTo(Arrays.copyOfRange(plain.array(), 10, plain.limit()));
  }

  @Test
  void aTopicOfSeveralTypesGivesEachAsItself() {
    var cancel = new CancelRequested("r1", "acme", "changed my mind", AT);
    var topic = topics.requests(Lane.INTERACTIVE);

    var bytes = serdes.<SpecificRecord>serializer().serialize(topic, cancel);

    assertThat(serdes.deserializer(SpecificRecord.class).deserialize(topic, bytes))
        .isEqualTo(cancel);
  }

  @Test
  void aPoolThatCameLaterNeedsNoRegistration() {
    var subjects = topics.ofPool("brand-new").getFirst();

    assertThat(Subjects.subject(subjects.name(), subjects.values().getFirst().getFullName()))
        .isEqualTo("penstock.calls-value");
  }

  @Test
  void aTombstoneStaysOne() {
    assertThat(serdes.<BalanceChanged>serializer().serialize(topics.balances(), null)).isNull();
    assertThat(serdes.deserializer(BalanceChanged.class).deserialize(topics.balances(), null))
        .isNull();
  }

  @Test
  void aSchemaThatNobodyRegisteredIsRefusedInsteadOfRegistered() {
    var empty = RecordSerdes.of("mock://nothing-registered", Map.of());

    assertThatThrownBy(
            () -> empty.<BalanceChanged>serializer().serialize(topics.balances(), BALANCE))
        .isInstanceOf(SerializationException.class);
  }

  @Test
  void anotherTypeThanTheExpectedOneIsRefused() {
    var bytes = serdes.<BalanceChanged>serializer().serialize(topics.balances(), BALANCE);

    assertThatThrownBy(
            () -> serdes.deserializer(CancelRequested.class).deserialize(topics.balances(), bytes))
        .isInstanceOf(ClassCastException.class);
  }

  @Test
  void avroTrustsOurRecordsAndNotEverything() {
    TrustedRecords.trust();

    var trusted = ClassSecurityValidator.getGlobal();

    assertThat(trusted.isTrusted(BalanceChanged.class)).isTrue();
    assertThat(trusted.isTrusted(String.class)).isTrue();
    assertThat(trusted.isTrusted(ProcessBuilder.class)).isFalse();
  }
}
