package io.penstock.worker.engine;

import io.penstock.schemas.avro.CallAssigned;
import org.jspecify.annotations.Nullable;

/**
 * A call and the record that it came with.
 *
 * @param assigned what to call
 * @param progress the partition of the record
 * @param offset of the record
 * @param load the lane that it counts in
 * @param bytes of the record
 * @param traceparent W3C trace context; absent when the record has none
 */
record Call(
    CallAssigned assigned,
    PartitionProgress progress,
    long offset,
    LaneLoad load,
    long bytes,
    @Nullable String traceparent) {

  /** Its outcome is durable. */
  void end() {
    progress.end(offset);
    load.release(bytes);
  }

  /** It never began and never will: somebody else owns its partition. */
  void drop() {
    load.release(bytes);
  }
}
