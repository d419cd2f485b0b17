package io.penstock.worker.dialect;

import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import java.nio.ByteBuffer;
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
}
