package io.penstock.platform.kafka;

import io.penstock.schemas.RecordSerdes;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/**
 * A record that cannot be handled goes to the dead letters; but where only the registry was away,
 * its transaction is given up, and a new thread handles it again.
 */
public final class UnhandledRecords extends LogAndContinueProcessingExceptionHandler {

  @Override
  public Response handleError(
      ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
    return RecordSerdes.registryAway(exception)
        ? Response.fail()
        : super.handleError(context, record, exception);
  }
}
