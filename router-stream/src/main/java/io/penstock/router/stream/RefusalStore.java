package io.penstock.router.stream;

import io.penstock.router.admit.Refusal;
import io.penstock.router.admit.Refusals;
import io.penstock.router.budget.AccountNames;
import io.penstock.schemas.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.TreeMap;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Refusals for want of money by organisation and idempotency key, each with the time until which it
 * is repeated. Owned by the task of its store.
 */
final class RefusalStore implements Refusals {

  private static final byte VERSION = 1;
  private static final int UNTIL = 1;

  /** Entries looked at by one sweep. */
  private static final int ENTRIES = 500;

  private final KeyValueStore<String, byte[]> store;
  private final Round round;

  RefusalStore(KeyValueStore<String, byte[]> store) {
    this.store = store;
    this.round = new Round(store, ENTRIES);
  }

  @Override
  public @Nullable Refusal of(String organization, String idempotencyKey) {
    var entry = store.get(key(organization, idempotencyKey));
    return entry == null ? null : read(entry);
  }

  /** The first refusal under a key is the one that is repeated. */
  void remember(String organization, String idempotencyKey, Refusal refusal, Instant until) {
    store.putIfAbsent(key(organization, idempotencyKey), write(refusal, until));
  }

  /** Forgets what is repeated no longer; goes round the store, a bounded number of entries each. */
  void sweep(long nowMillis) {
    round.sweep((_, entry) -> ByteBuffer.wrap(entry).getLong(UNTIL) <= nowMillis);
  }

  private static String key(String organization, String idempotencyKey) {
    return AccountNames.escaped(organization) + "|" + idempotencyKey;
  }

  private static byte[] write(Refusal refusal, Instant until) {
    var bytes = new ByteArrayOutputStream(512);
    try (var out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeLong(until.toEpochMilli());
      write(out, refusal.code().wire());
      write(out, refusal.message());
      var details = new TreeMap<>(refusal.details());
      out.writeInt(details.size());
      for (var detail : details.entrySet()) {
        write(out, detail.getKey());
        write(out, detail.getValue());
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
  }

  private static Refusal read(byte[] entry) {
    try (var in = new DataInputStream(new ByteArrayInputStream(entry))) {
      in.skipNBytes(UNTIL + Long.BYTES);
      var code = ErrorCode.ofWire(text(in));
      var message = text(in);
      var details = new TreeMap<String, String>();
      for (int left = in.readInt(); left > 0; left--) {
        details.put(text(in), text(in));
      }
      return new Refusal(code, message, details, null);
    } catch (IOException e) {
      throw new UncheckedIOException("a refusal is damaged", e);
    }
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }
}
