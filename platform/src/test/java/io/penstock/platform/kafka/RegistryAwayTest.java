package io.penstock.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

class RegistryAwayTest {

  private static final Exception AWAY =
      new SerializationException("Error serializing Avro message", new ConnectException("refused"));
  private static final Exception BROKEN = new SerializationException("Unknown magic byte!");

  private final ErrorHandlerContext context = context();

  @Test
  void aRecordIsNotSkippedBecauseTheRegistryIsAway() {
    var handler = new UnhandledRecords();
    handler.configure(Map.of());
    var record = new Record<>("acme", "value", 0L);

    assertThat(handler.handleError(context, record, AWAY).result())
        .isEqualTo(ProcessingExceptionHandler.Result.FAIL);
    assertThat(handler.handleError(context, record, BROKEN).result())
        .isEqualTo(ProcessingExceptionHandler.Result.RESUME);
  }

  @Test
  void aRecordThatCannotBeReadForNowIsNotSkipped() {
    var handler = new UnreadableRecords();
    handler.configure(Map.of());
    var record = new ConsumerRecord<>("topic", 0, 7L, new byte[0], new byte[0]);

    assertThat(handler.handleError(context, record, AWAY).result())
        .isEqualTo(DeserializationExceptionHandler.Result.FAIL);
    assertThat(handler.handleError(context, record, BROKEN).result())
        .isEqualTo(DeserializationExceptionHandler.Result.RESUME);
  }

  private static ErrorHandlerContext context() {
    return (ErrorHandlerContext)
        Proxy.newProxyInstance(
            ErrorHandlerContext.class.getClassLoader(),
            new Class<?>[] {ErrorHandlerContext.class},
            (_, method, _) ->
                switch (method.getReturnType().getSimpleName()) {
                  case "int" -> 0;
                  case "long" -> 0L;
                  case "Headers" -> new RecordHeaders();
                  case "Optional" -> Optional.empty();
                  case "List" -> List.of();
                  case "byte[]" -> new byte[0];
                  case "TaskId" -> new org.apache.kafka.streams.processor.TaskId(0, 0);
                  default -> "topic";
                });
  }
}
