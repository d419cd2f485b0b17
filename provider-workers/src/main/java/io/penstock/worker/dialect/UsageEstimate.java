package io.penstock.worker.dialect;

import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.canonical.Message.Output;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A guess at the tokens of a call whose provider did not say. */
public final class UsageEstimate {

  private static final long BYTES_PER_TOKEN = 4;

  private UsageEstimate() {}

  /**
   * Four bytes are taken for a token.
   *
   * @param outputBytes length of the answer's text; null when nothing is known of it
   * @param raw what the provider sent as usage; null when it sent nothing
   */
  public static TokenUsage of(
      RequestFacts facts, @Nullable Long outputBytes, byte @Nullable [] raw) {
    return TokenUsage.newBuilder()
        .setSource(UsageSource.ESTIMATED)
        .setInputUncached(Math.ceilDiv(facts.getInputTokensBound(), BYTES_PER_TOKEN))
        .setOutputText(
            outputBytes == null ? null : (Long) Math.ceilDiv(outputBytes, BYTES_PER_TOKEN))
        .setRaw(raw == null ? null : ByteBuffer.wrap(raw))
        .build();
  }

  /** Bytes that a model wrote: texts, thoughts, and the calls of tools with their names. */
  public static long textBytes(List<Output> outputs) {
    var bytes = 0L;
    for (var output : outputs) {
      bytes +=
          switch (output) {
            case Output.Said(var text) -> utf8(text);
            case Output.Refused(var text) -> utf8(text);
            case Output.Thought(_, var text, _) -> text == null ? 0 : utf8(text);
            case Output.Called(_, var name, var arguments, _) -> utf8(name) + utf8(arguments);
          };
    }
    return bytes;
  }

  private static long utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
