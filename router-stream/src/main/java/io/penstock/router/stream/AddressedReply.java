package io.penstock.router.stream;

import io.penstock.schemas.avro.ReplyFinished;
import org.apache.kafka.common.serialization.Serializer;

/**
 * A reply on its way to the partition that the caller's instance reads.
 *
 * @param partition of {@code replies}
 */
record AddressedReply(int partition, ReplyFinished reply) {

  /** Writes the reply alone; the address has done its work by then. */
  static Serializer<AddressedReply> serializer(Serializer<ReplyFinished> replies) {
    return (topic, addressed) -> replies.serialize(topic, addressed.reply());
  }
}
