package io.penstock.worker.dialect;

import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Continuation;
import io.penstock.schemas.avro.ContinueBy;
import io.penstock.schemas.avro.Delivered;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Calls for tests, and streams run through them. */
public final class Exchanged {

  /** When everything happens. */
  public static final Instant NOW = Instant.parse("2026-11-21T05:00:00Z");

  private Exchanged() {}

  /** A call that wants a stream. */
  public static CallAssigned streaming(Surface surface) {
    return call(surface, true);
  }

  /** A call that wants an answer. */
  public static CallAssigned whole(Surface surface) {
    return call(surface, false);
  }

  private static CallAssigned call(Surface surface, Boolean stream) {
    var call = call(surface, "up");
    call.getFacts().setStream(stream);
    return call;
  }

  /** A call of an upstream model. */
  public static CallAssigned call(Surface surface, String model) {
    return CallAssigned.newBuilder()
        .setRequestId("r")
        .setOrganization("o")
        .setAttempt(1)
        .setPool("p")
        .setUpstreamModel(model)
        .setSurface(surface)
        .setLane(Lane.INTERACTIVE)
        .setAnswerTo(AnswerTo.REPLY)
        .setFacts(RequestFacts.newBuilder().setInputTokensBound(100L).build())
        .setBody(new Payload(ByteBuffer.allocate(0), null, 0L, null))
        .setAssignedAt(NOW)
        .setDeadlineAt(NOW.plusSeconds(60))
        .build();
  }

  /** A call that goes on with a text. */
  public static CallAssigned continuing(Surface surface, ContinueBy by, String text) {
    var call = streaming(surface);
    call.setContinuation(
        new Continuation(
            new Delivered(
                ByteBuffer.wrap(bytes(text)),
                3,
                5,
                "answer-1",
                "model-1",
                NOW.minusSeconds(7),
                true),
            by));
    return call;
  }

  /** The exchange of a call, with a provider at a host that nobody knows. */
  public static Exchange of(CallAssigned call, String body, ProviderDialect provider) {
    return Exchanges.of(
        call, bytes(body), provider, new ProviderDialect.Endpoint("localhost", null));
  }

  /**
   * What came of a stream.
   *
   * @param sent all that the caller got
   */
  public record Run(String sent, Reading reading, Delivered delivered) {

    /** Text that can be gone on with. */
    public String text() {
      return StandardCharsets.UTF_8.decode(delivered.getText().duplicate()).toString();
    }

    /** What the provider may bill. */
    public TokenUsage usage() {
      return switch (reading) {
        case Reading.Usable usable -> usable.usage();
        case Reading.Failed failed -> Objects.requireNonNull(failed.usage());
      };
    }

    /** The failure that it must be. */
    public Reading.Failed failed() {
      return (Reading.Failed) reading;
    }

    /** The answer that it must be. */
    public Reading.Usable usable() {
      return (Reading.Usable) reading;
    }
  }

  /** Runs a stream in one piece. */
  public static Run run(Exchange exchange, String stream) {
    return run(exchange, bytes(stream), null);
  }

  /** Runs a stream, cut anywhere when there is a source of chance. */
  public static Run run(Exchange exchange, byte[] stream, @Nullable Random random) {
    var relay = exchange.stream(NOW);
    var sent = new ByteArrayOutputStream();
    var at = 0;
    while (at < stream.length && !relay.complete()) {
      var length =
          random == null
              ? stream.length
              : Math.min(stream.length - at, 1 + random.nextInt(1 + random.nextInt(200)));
      sent.writeBytes(relay.take(stream, at, length));
      at += length;
    }
    var delivered = relay.delivered(9);
    var end = relay.end(NOW);
    sent.writeBytes(end.rest());
    return new Run(sent.toString(StandardCharsets.UTF_8), end.reading(), delivered);
  }

  /** In UTF-8. */
  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Data lines as a stream of events. */
  public static String events(Iterable<String> data) {
    var stream = new StringBuilder();
    for (var line : data) {
      stream.append("data: ").append(line).append("\n\n");
    }
    return stream.toString();
  }

  /** A chunk of a chat stream with a delta. */
  public static String delta(String delta) {
    return "{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"index\":0,\"delta\":"
        + delta
        + ",\"finish_reason\":null}]}";
  }

  /** A chunk of a chat stream with some text. */
  public static String text(String text) {
    return delta("{\"content\":\"" + text + "\"}");
  }

  /** A chunk of a chat stream that ends it. */
  public static String finish(String reason) {
    return "{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\""
        + reason
        + "\"}]}";
  }

  /** A chunk of a chat stream that counts tokens. */
  public static final String USAGE =
      "{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}}";
}
