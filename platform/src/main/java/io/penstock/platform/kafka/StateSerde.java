package io.penstock.platform.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Serdes of state that never leaves its application: Avro in single-object encoding, which names
 * the schema by a fingerprint, so that bytes of an unknown schema are an error instead of nonsense.
 * A registry has no part in it.
 */
public final class StateSerde {

  private StateSerde() {}

  /**
   * Serdes of one record.
   *
   * @param encoder one that copies its buffer on each call, so that all threads may share it
   * @param decoder knows the schemas that earlier versions wrote with
   */
  public static <T extends SpecificRecord> Serde<T> of(
      BinaryMessageEncoder<T> encoder, BinaryMessageDecoder<T> decoder) {
    return Serdes.serdeFrom(
        (_, value) -> value == null ? null : encoded(encoder, value),
        (_, bytes) -> bytes == null ? null : decoded(decoder, bytes));
  }

  private static <T> byte[] encoded(BinaryMessageEncoder<T> encoder, T value) {
    try {
      var buffer = encoder.encode(value);
      var bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException("state cannot be written", e);
    }
  }

  private static <T> T decoded(BinaryMessageDecoder<T> decoder, byte[] bytes) {
    try {
      return decoder.decode(ByteBuffer.wrap(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException("state cannot be read", e);
    }
  }
}
