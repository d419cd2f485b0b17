package io.penstock.worker.engine;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.Dialect;
import io.penstock.worker.dialect.Exchange;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.dialect.StreamExchange;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A call in a dialect that only passes bodies through, and only whole ones. */
final class DialectExchange implements Exchange {

  private final Dialect dialect;
  private final CallAssigned call;
  private final Outgoing outgoing;

  DialectExchange(Dialect dialect, CallAssigned call, byte[] body, String host) {
    this.dialect = dialect;
    this.call = call;
    this.outgoing =
        new Outgoing(
            dialect.path(call.getSurface()),
            Map.of(),
            dialect.request(call, body, host),
            false,
            List.of());
  }

  @Override
  public Outgoing outgoing() {
    return outgoing;
  }

  @Override
  public Reading read(byte[] answer, Instant now) {
    return dialect.read(call, answer);
  }

  @Override
  public StreamExchange stream(Instant now) {
    throw new IllegalStateException("nobody asked for a stream");
  }

  @Override
  public Reading.Failed readError(int status, Headers headers, byte[] answer, Instant now) {
    return dialect.readError(status, headers, answer, now);
  }

  @Override
  public TokenUsage estimate(long outputBytes) {
    return dialect.estimate(call, new byte[(int) Math.min(outputBytes, 1 << 20)]);
  }

  @Override
  public @Nullable String providerRequestId(Headers headers) {
    return dialect.providerRequestId(headers);
  }
}
