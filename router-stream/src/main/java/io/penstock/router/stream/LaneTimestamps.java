package io.penstock.router.stream;

import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * Kafka Streams takes the record with the lowest timestamp first, so a lane that reads its records
 * as a day older goes before one that does not. Only into the past: brokers refuse records from the
 * future, and changelogs inherit this time.
 */
enum LaneTimestamps implements TimestampExtractor {
  /** Interactive requests, and all that is said about calls. */
  FIRST(Duration.ofDays(1)),
  /** Batch requests. */
  LAST(Duration.ZERO);

  private final long shiftMillis;

  LaneTimestamps(Duration shift) {
    this.shiftMillis = shift.toMillis();
  }

  @Override
  public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
    return Math.max(0, record.timestamp() - shiftMillis);
  }
}
