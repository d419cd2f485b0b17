package io.penstock.billing.stream;

import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.AuditRecorded;
import io.penstock.schemas.avro.DeadLetter;
import io.penstock.schemas.avro.UsageRecorded;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * What is told of a usage record that is not booked: the record itself goes to {@code
 * dead-letters}, and who reads {@code audit} learns of it. Both are part of the transaction that
 * leaves it out.
 */
public final class Mishaps {

  /** Action of usage that came again with other amounts. */
  public static final String CONTRADICTED = "usage.contradicted";

  /** Action of usage of an unbelievable time. */
  public static final String QUARANTINED = "usage.quarantined";

  private static final String SYSTEM = "system";

  private final String topic;
  private final Serializer<UsageRecorded> serializer;

  Mishaps(String topic, Serializer<UsageRecorded> serializer) {
    this.topic = topic;
    this.serializer = serializer;
  }

  static AuditRecorded audit(
      UsageRecorded usage, RecordMetadata source, String action, String reason, Instant at) {
    return AuditRecorded.newBuilder()
        .setOrganization(usage.getOrganization())
        .setActor(SYSTEM)
        .setAction(action)
        .setSubject(usage.getUsageId())
        .setErrorCode(code(action).wire())
        .setDetails(
            Map.of(
                "reason", reason,
                "partition", Integer.toString(source.partition()),
                "offset", Long.toString(source.offset())))
        .setAt(at)
        .build();
  }

  DeadLetter letter(
      UsageRecorded usage, RecordMetadata source, String action, String reason, Instant at) {
    return DeadLetter.newBuilder()
        .setTopic(source.topic())
        .setPartition(source.partition())
        .setOffset(source.offset())
        .setReason(code(action).wire())
        .setMessage(reason)
        .setKey(ByteBuffer.wrap(usage.getOrganization().getBytes(StandardCharsets.UTF_8)))
        .setValue(ByteBuffer.wrap(serializer.serialize(topic, usage)))
        .setAt(at)
        .build();
  }

  private static ErrorCode code(String action) {
    return action.equals(CONTRADICTED) ? ErrorCode.CONFLICT : ErrorCode.INVALID_REQUEST;
  }
}
