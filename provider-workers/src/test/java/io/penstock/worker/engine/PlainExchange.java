package io.penstock.worker.engine;

import io.penstock.schemas.avro.Delivered;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.Exchange;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.dialect.StreamExchange;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A language whose streams are {@code data: text} events up to {@code data: [DONE]}; {@code data:
 * role} says nothing of the model yet. Usage counts the bytes of text.
 */
record PlainExchange(boolean streams) implements Exchange {

  static final byte[] REST = "data: [END]\n\n".getBytes(StandardCharsets.UTF_8);

  @Override
  public Outgoing outgoing() {
    return new Outgoing("", Map.of(), new byte[] {'{', '}'}, streams, List.of("left out"));
  }

  @Override
  public Reading read(byte[] body, Instant now) {
    return text(body).contains("error")
        ? new Reading.Failed(failure(FailureKind.SERVER_ERROR, "error in a 200"), null)
        : new Reading.Usable(usage(body.length), "stop", body);
  }

  @Override
  public StreamExchange stream(Instant now) {
    return new PlainStream();
  }

  @Override
  public Reading.Failed readError(int status, Headers headers, byte[] body, Instant now) {
    return new Reading.Failed(failure(FailureKind.SERVER_ERROR, "status " + status), null);
  }

  @Override
  public TokenUsage estimate(long outputBytes) {
    return TokenUsage.newBuilder()
        .setSource(UsageSource.ESTIMATED)
        .setInputUncached(1L)
        .setOutputText(outputBytes)
        .build();
  }

  @Override
  public @Nullable String providerRequestId(Headers headers) {
    return headers.value("x-request-id");
  }

  private static Failure failure(FailureKind kind, String message) {
    return new Failure(kind, 200, null, message, null, null);
  }

  private static TokenUsage usage(long outputs) {
    return TokenUsage.newBuilder()
        .setSource(UsageSource.PROVIDER)
        .setInputUncached(1L)
        .setOutputText(outputs)
        .build();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static final class PlainStream implements StreamExchange {
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final ByteArrayOutputStream event = new ByteArrayOutputStream();
    private final StringBuilder said = new StringBuilder();
    private final ByteArrayOutputStream all = new ByteArrayOutputStream();
    private boolean begun;
    private boolean complete;

    @Override
    public byte[] take(byte[] buffer, int offset, int length) {
      all.write(buffer, offset, length);
      var out = new ByteArrayOutputStream();
      for (int i = offset; i < offset + length; i++) {
        line.write(buffer[i]);
        if (buffer[i] == '\n') {
          var whole = line.toByteArray();
          line.reset();
          event.writeBytes(whole);
          if (whole.length <= 2) {
            out.writeBytes(event.toByteArray());
            complete |= text(event.toByteArray()).startsWith("data: [DONE]");
            event.reset();
          } else {
            note(text(whole).strip());
          }
        }
      }
      return out.toByteArray();
    }

    private void note(String data) {
      if (data.equals("data: bug")) {
        throw new IllegalStateException("a mistake");
      }
      if (data.startsWith("data: ") && !data.equals("data: role") && !data.contains("[DONE]")) {
        begun = true;
        said.append(data.substring(6));
      }
    }

    @Override
    public boolean begun() {
      return begun;
    }

    @Override
    public boolean complete() {
      return complete;
    }

    @Override
    public End end(Instant now) {
      if (all.size() > 0 && all.toByteArray()[0] == '{') {
        return whole(text(all.toByteArray()));
      }
      return complete
          ? new End(
              REST, new Reading.Usable(PlainExchange.usage(said.length()), "stop", new byte[0]))
          : new End(
              new byte[0], new Reading.Failed(failure(FailureKind.CUT, "without its end"), null));
    }

    private static End whole(String json) {
      if (json.contains("error")) {
        var failed = new Reading.Failed(failure(FailureKind.SERVER_ERROR, "error in a 200"), null);
        return new End(new byte[0], failed);
      }
      var events = ("data: " + json + "\n\n" + text(REST)).getBytes(StandardCharsets.UTF_8);
      return new End(
          events, new Reading.Usable(PlainExchange.usage(json.length()), "stop", new byte[0]));
    }

    @Override
    public Delivered delivered(int pieces) {
      return Delivered.newBuilder()
          .setText(ByteBuffer.wrap(said.toString().getBytes(StandardCharsets.UTF_8)))
          .setPieces(pieces)
          .setEvents(0)
          .setAnswerId("id")
          .setAnswerModel("m")
          .setAnswerAt(Calls.ASSIGNED)
          .setContinuable(true)
          .build();
    }

    @Override
    public TokenUsage usage() {
      return TokenUsage.newBuilder()
          .setSource(UsageSource.ESTIMATED)
          .setInputUncached(1L)
          .setOutputText((long) said.length())
          .build();
    }
  }
}
