package io.penstock.router.stream;

import io.penstock.router.budget.AccountNames;
import io.penstock.router.route.Remembered;
import io.penstock.router.route.Remembered.Answered;
import io.penstock.router.route.Remembered.Follower;
import io.penstock.router.route.Remembered.Pending;
import io.penstock.router.route.Repeats;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.ReplyAddress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Requests and answers by organisation and idempotency key, each with the time until which it is
 * remembered. Owned by the task of its store.
 */
final class RepeatStore implements Repeats {

  private static final byte VERSION = 1;
  private static final byte PENDING = 0;
  private static final byte ANSWERED = 1;
  private static final int UNTIL = 1;

  /** Entries looked at by one sweep. */
  private static final int ENTRIES = 500;

  /** Bytes read by one sweep, or one entry more: answers may be large. */
  private static final long BYTES = 4 << 20;

  private final KeyValueStore<String, byte[]> store;
  private final long memoryMillis;
  private final LongSupplier nowMillis;
  private final Round round;

  RepeatStore(KeyValueStore<String, byte[]> store, Duration memory, LongSupplier nowMillis) {
    this.store = store;
    this.round = new Round(store, ENTRIES, BYTES);
    this.memoryMillis = memory.toMillis();
    this.nowMillis = nowMillis;
  }

  @Override
  public @Nullable Remembered of(String organization, String idempotencyKey) {
    var entry = store.get(key(organization, idempotencyKey));
    return entry == null || until(entry) <= nowMillis.getAsLong() ? null : read(entry);
  }

  void remember(String organization, String idempotencyKey, Remembered remembered, Instant since) {
    var key = key(organization, idempotencyKey);
    var until = Math.addExact(since.toEpochMilli(), memoryMillis);
    if (remembered instanceof Pending) {
      // a follower of less patience must not make the first request forgotten before its end
      var known = store.get(key);
      until = known == null ? until : Math.max(until, until(known));
    }
    store.put(key, write(remembered, until));
  }

  void forget(String organization, String idempotencyKey) {
    store.delete(key(organization, idempotencyKey));
  }

  /** Deletes what is remembered no longer; goes round the store, a bounded part of it each time. */
  void sweep(long now) {
    round.sweep((_, entry) -> until(entry) <= now);
  }

  private static long until(byte[] entry) {
    return ByteBuffer.wrap(entry).getLong(UNTIL);
  }

  private static String key(String organization, String idempotencyKey) {
    return AccountNames.escaped(organization) + "|" + idempotencyKey;
  }

  private static byte[] write(Remembered remembered, long until) {
    var bytes = new ByteArrayOutputStream(512);
    try (var out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeLong(until);
      out.writeByte(remembered instanceof Pending ? PENDING : ANSWERED);
      text(out, remembered.requestId());
      text(out, remembered.fingerprint());
      switch (remembered) {
        case Pending pending -> write(out, pending);
        case Answered answered -> write(out, answered);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
  }

  private static void write(DataOutputStream out, Pending pending) throws IOException {
    out.writeInt(pending.followers().size());
    for (var each : pending.followers()) {
      text(out, each.requestId());
      text(out, each.address().getInstance());
      out.writeInt(each.address().getPartition());
    }
  }

  private static void write(DataOutputStream out, Answered answered) throws IOException {
    out.writeInt(answered.httpStatus());
    text(out, answered.pool());
    text(out, answered.upstreamModel());
    var body = answered.body();
    out.writeBoolean(body != null);
    if (body == null) {
      return;
    }
    out.writeLong(body.getSize());
    bytes(out, body.getInline());
    bytes(out, encoded(body.getBlob()));
    bytes(out, encoded(body.getSha256()));
  }

  private static Remembered read(byte[] entry) {
    if (entry[0] != VERSION) {
      throw new IllegalStateException("remembered answer of another version: " + entry[0]);
    }
    try (var in = new DataInputStream(new ByteArrayInputStream(entry))) {
      in.skipNBytes(UNTIL + Long.BYTES);
      var kind = in.readByte();
      var requestId = text(in);
      var fingerprint = text(in);
      return kind == PENDING
          ? new Pending(requestId, fingerprint, followers(in))
          : answered(in, requestId, fingerprint);
    } catch (IOException e) {
      throw new UncheckedIOException("a remembered answer is damaged", e);
    }
  }

  private static ArrayList<Follower> followers(DataInputStream in) throws IOException {
    var followers = new ArrayList<Follower>();
    for (int left = in.readInt(); left > 0; left--) {
      followers.add(new Follower(text(in), new ReplyAddress(text(in), in.readInt())));
    }
    return followers;
  }

  private static Answered answered(DataInputStream in, String requestId, String fingerprint)
      throws IOException {
    var status = in.readInt();
    var pool = text(in);
    var model = text(in);
    if (!in.readBoolean()) {
      return new Answered(requestId, fingerprint, status, null, pool, model);
    }
    var size = in.readLong();
    var inline = bytes(in);
    var body =
        new Payload(
            inline == null ? null : ByteBuffer.wrap(inline),
            decoded(bytes(in)),
            size,
            decoded(bytes(in)));
    return new Answered(requestId, fingerprint, status, body, pool, model);
  }

  private static @Nullable ByteBuffer encoded(@Nullable String text) {
    return text == null ? null : StandardCharsets.UTF_8.encode(text);
  }

  private static @Nullable String decoded(byte @Nullable [] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  /** Absent is written as a length of -1. */
  private static void bytes(DataOutputStream out, @Nullable ByteBuffer buffer) throws IOException {
    if (buffer == null) {
      out.writeInt(-1);
      return;
    }
    var bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte @Nullable [] bytes(DataInputStream in) throws IOException {
    var length = in.readInt();
    return length < 0 ? null : in.readNBytes(length);
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    bytes(out, StandardCharsets.UTF_8.encode(text));
  }

  private static String text(DataInputStream in) throws IOException {
    var bytes = bytes(in);
    return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
  }
}
