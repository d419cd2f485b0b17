package io.penstock.worker.engine;

import io.penstock.schemas.RecordSerdes;
import io.penstock.schemas.avro.CallAssigned;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** Reads records without ever failing: what cannot be read is a value too. Used by one thread. */
final class RecordReader {

  /** A record, read or not. */
  sealed interface Read {
    /** It is a call. */
    record Decoded(CallAssigned call) implements Read {}

    /** It is not, and never will be. */
    record Poison(String message) implements Read {}
  }

  private final Deserializer<CallAssigned> deserializer;

  RecordReader(Deserializer<CallAssigned> deserializer) {
    this.deserializer = deserializer;
  }

  Read read(String topic, byte @Nullable [] value) {
    if (value == null) {
      return new Read.Poison("the record has no value");
    }
    while (true) {
      try {
        var call = deserializer.deserialize(topic, value);
        return call == null ? new Read.Poison("the record is empty") : new Read.Decoded(call);
      } catch (RuntimeException e) {
        if (RecordSerdes.registryAway(e) && !Thread.currentThread().isInterrupted()) {
          // the record is not to blame: it is read once the registry is back
          continue;
        }
        // serialisers throw what they like; none of it may stop the partition
        return new Read.Poison("the record is not a call: " + e.getClass().getSimpleName());
      }
    }
  }
}
