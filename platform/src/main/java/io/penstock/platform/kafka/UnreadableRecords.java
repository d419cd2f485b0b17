package io.penstock.platform.kafka;

import io.penstock.schemas.RecordSerdes;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;

/**
 * A record that cannot be read goes to the dead letters; but one that cannot be read because the
 * registry is away is read again later, by a new thread.
 */
public final class UnreadableRecords extends LogAndContinueExceptionHandler {

  @Override
  public Response handleError(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
    return RecordSerdes.registryAway(exception)
        ? Response.fail()
        : super.handleError(context, record, exception);
  }
}
