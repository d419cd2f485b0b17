package io.penstock.ingress.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Place of a batch in its organisation's listing. Its bytes sort by organisation, then newest
 * first, then by batch id: the organisation, a zero byte, the complement of the time in eight
 * bytes, the batch id.
 *
 * @param createdAtMillis since 1970, UTC
 */
record ListingKey(String organization, long createdAtMillis, String batch) {

  /** The order of the listing, within an organisation. */
  static final Comparator<ListingKey> NEWEST_FIRST =
      Comparator.comparingLong(ListingKey::createdAtMillis)
          .reversed()
          .thenComparing(ListingKey::batch);

  static Serde<ListingKey> serde() {
    return Serdes.serdeFrom((_, key) -> key.bytes(), (_, bytes) -> of(bytes));
  }

  /** Before every batch of an organisation. */
  static ListingKey first(String organization) {
    return new ListingKey(organization, Long.MAX_VALUE, "");
  }

  /** After every batch of an organisation. */
  static ListingKey last(String organization) {
    return new ListingKey(organization, 0, "~");
  }

  /** The first place after this one. */
  ListingKey next() {
    return new ListingKey(organization, createdAtMillis, batch + "\0");
  }

  private byte[] bytes() {
    var owner = organization.getBytes(StandardCharsets.UTF_8);
    var id = batch.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(owner.length + 1 + Long.BYTES + id.length)
        .put(owner)
        .put((byte) 0)
        .putLong(Long.MAX_VALUE - createdAtMillis)
        .put(id)
        .array();
  }

  private static ListingKey of(byte[] bytes) {
    int owner = 0;
    while (bytes[owner] != 0) {
      owner++;
    }
    var id = owner + 1 + Long.BYTES;
    return new ListingKey(
        new String(bytes, 0, owner, StandardCharsets.UTF_8),
        Long.MAX_VALUE - ByteBuffer.wrap(bytes).getLong(owner + 1),
        new String(bytes, id, bytes.length - id, StandardCharsets.UTF_8));
  }
}
