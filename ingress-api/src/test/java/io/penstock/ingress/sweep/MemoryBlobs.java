package io.penstock.ingress.sweep;

import io.penstock.platform.blob.BlobStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Blobs in memory, under a clock that the test moves, and a process that can be killed. */
final class MemoryBlobs implements BlobStore {

  /** The process was killed: what it had done stays, what it was about to do is not done. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Killed() {
      super("killed", null, false, false);
    }
  }

  private record Blob(byte[] bytes, Instant storedAt) {}

  private final TreeMap<String, Blob> blobs = new TreeMap<>();
  private final Clock clock;
  private final Random random;
  private int untilKill = Integer.MAX_VALUE;

  MemoryBlobs(Clock clock, Random random) {
    this.clock = clock;
    this.random = random;
  }

  /** Dies instead of the change that comes after so many. */
  void killAfter(int changes) {
    untilKill = changes;
  }

  void live() {
    untilKill = Integer.MAX_VALUE;
  }

  List<String> keys() {
    return List.copyOf(blobs.keySet());
  }

  private void change() {
    if (untilKill-- <= 0) {
      throw new Killed();
    }
  }

  @Override
  public Upload upload(String key) {
    var bytes = new ByteArrayOutputStream();
    return new Upload() {
      @Override
      public void write(byte[] source, int offset, int length) {
        bytes.write(source, offset, length);
      }

      @Override
      public Stored commit() {
        change();
        blobs.put(key, new Blob(bytes.toByteArray(), clock.instant()));
        return new Stored(key, bytes.size(), "");
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public boolean claim(String key, byte[] bytes) {
    change();
    return blobs.putIfAbsent(key, new Blob(bytes, clock.instant())) == null;
  }

  @Override
  public @Nullable InputStream open(String key, long offset) {
    var blob = blobs.get(key);
    return blob == null
        ? null
        : new ByteArrayInputStream(
            blob.bytes(), (int) offset, (int) (blob.bytes().length - offset));
  }

  @Override
  public long size(String key) {
    var blob = blobs.get(key);
    return blob == null ? -1 : blob.bytes().length;
  }

  @Override
  public List<String> list(String prefix) {
    return blobs.keySet().stream().filter(key -> key.startsWith(prefix)).toList();
  }

  @Override
  public void walk(String prefix, Visitor visitor) throws IOException, InterruptedException {
    var keys = new ArrayList<>(list(prefix));
    Collections.shuffle(keys, random);
    for (var key : keys) {
      var blob = blobs.get(key);
      if (blob != null) {
        visitor.visit(new Found(key, blob.bytes().length, blob.storedAt()));
      }
    }
  }

  @Override
  public void tidy() {}

  @Override
  public boolean delete(String key) {
    change();
    return blobs.remove(key) != null;
  }
}
