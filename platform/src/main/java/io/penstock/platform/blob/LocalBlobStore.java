package io.penstock.platform.blob;

import io.penstock.platform.id.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Blobs as files below one directory: written beside, synced, then renamed. */
public final class LocalBlobStore implements BlobStore {

  private static final Pattern KEY =
      Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");

  /** No upload is silent for so long. */
  private static final Duration UPLOAD_MAX = Duration.ofDays(1);

  private final Path root;
  private final Path incoming;
  private final AtomicLong uploads = new AtomicLong();

  /** Opens (or creates) a store. */
  public LocalBlobStore(Path root) throws IOException {
    this.root = root;
    this.incoming = root.resolve(".incoming");
    Files.createDirectories(incoming);
    deleteLeftovers();
  }

  /**
   * Uploads of a killed process belong to nobody: nothing refers to one before its commit. Only
   * their age tells them from uploads of other processes that share the directory; a process id
   * does not, in containers all have the same.
   */
  private void deleteLeftovers() throws IOException {
    var before = Instant.now().minus(UPLOAD_MAX);
    try (var leftovers = Files.newDirectoryStream(incoming)) {
      for (var leftover : leftovers) {
        if (Files.getLastModifiedTime(leftover).toInstant().isBefore(before)) {
          Files.deleteIfExists(leftover);
        }
      }
    } catch (NoSuchFileException e) {
      // another process was quicker; what it left, the next start finds
    }
  }

  @Override
  public Upload upload(String key) throws IOException {
    var target = path(key);
    var temporary =
        incoming.resolve(
            ProcessHandle.current().pid()
                + "-"
                + System.nanoTime()
                + "-"
                + uploads.incrementAndGet());
    return new LocalUpload(key, target, temporary);
  }

  @Override
  public @Nullable InputStream open(String key, long offset) throws IOException {
    try {
      var channel = FileChannel.open(path(key), StandardOpenOption.READ);
      channel.position(offset);
      return Channels.newInputStream(channel);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  @Override
  public long size(String key) throws IOException {
    try {
      return Files.size(path(key));
    } catch (NoSuchFileException e) {
      return -1;
    }
  }

  @Override
  public List<String> list(String prefix) throws IOException {
    var directory = path(prefix.substring(0, prefix.length() - 1));
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (var files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @Override
  public boolean delete(String key) throws IOException {
    return Files.deleteIfExists(path(key));
  }

  private Path path(String key) {
    if (!KEY.matcher(key).matches()) {
      throw new IllegalArgumentException("not a blob key: " + key);
    }
    return root.resolve(key);
  }

  private static final class LocalUpload implements Upload {

    private final String key;
    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private final MessageDigest digest;
    private long size;

    LocalUpload(String key, Path target, Path temporary) throws IOException {
      this.key = key;
      this.target = target;
      this.temporary = temporary;
      this.channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      this.digest = Sha256.begin();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      digest.update(bytes, offset, length);
      var buffer = ByteBuffer.wrap(bytes, offset, length);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      size += length;
    }

    @Override
    public Stored commit() throws IOException {
      channel.force(true);
      channel.close();
      Files.createDirectories(target.getParent());
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return new Stored(key, size, HexFormat.of().formatHex(digest.digest()));
    }

    @Override
    public void close() throws IOException {
      channel.close();
      Files.deleteIfExists(temporary);
    }
  }
}
