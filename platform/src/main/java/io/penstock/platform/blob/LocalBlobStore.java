package io.penstock.platform.blob;

import io.penstock.platform.id.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Blobs as files below one directory: written beside, synced, then renamed. */
public final class LocalBlobStore implements BlobStore {

  private static final Pattern KEY =
      Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");

  /** No upload is silent for so long. */
  private static final Duration UPLOAD_MAX = Duration.ofDays(1);

  private static final int MOVES_MAX = 100;

  private final Path root;
  private final Path incoming;
  private final AtomicLong uploads = new AtomicLong();

  /** Opens (or creates) a store. */
  public LocalBlobStore(Path root) throws IOException {
    this.root = root;
    this.incoming = root.resolve(".incoming");
    Files.createDirectories(incoming);
    tidy();
  }

  /**
   * Uploads of a killed process belong to nobody: nothing refers to one before its commit. Only
   * their age tells them from uploads of other processes that share the directory; a process id
   * does not, in containers all have the same.
   */
  @Override
  public void tidy() throws IOException {
    var before = Instant.now().minus(UPLOAD_MAX);
    try (var leftovers = Files.newDirectoryStream(incoming)) {
      for (var leftover : leftovers) {
        if (Files.getLastModifiedTime(leftover).toInstant().isBefore(before)) {
          Files.deleteIfExists(leftover);
        }
      }
    } catch (NoSuchFileException e) {
      // another process was quicker; what it left is found the next time
    }
  }

  @Override
  public long free() {
    return root.toFile().getUsableSpace();
  }

  @Override
  public Upload upload(String key) throws IOException {
    var target = path(key);
    return new LocalUpload(key, target, incoming.resolve(temporaryName()));
  }

  @Override
  public boolean claim(String key, byte[] bytes) throws IOException {
    var target = path(key);
    var temporary = incoming.resolve(temporaryName());
    try (var upload = new LocalUpload(key, target, temporary)) {
      upload.write(bytes, 0, bytes.length);
      return upload.link();
    }
  }

  private String temporaryName() {
    return ProcessHandle.current().pid()
        + "-"
        + System.nanoTime()
        + "-"
        + uploads.incrementAndGet();
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
  public void walk(String prefix, Visitor visitor) throws IOException, InterruptedException {
    walk(path(prefix.substring(0, prefix.length() - 1)), visitor);
  }

  private void walk(Path directory, Visitor visitor) throws IOException, InterruptedException {
    try (var entries = Files.newDirectoryStream(directory)) {
      for (var entry : entries) {
        BasicFileAttributes attributes;
        try {
          attributes = Files.readAttributes(entry, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
          continue; // removed meanwhile
        }
        if (attributes.isDirectory()) {
          walk(entry, visitor);
        } else {
          visitor.visit(
              new Found(
                  root.relativize(entry).toString().replace('\\', '/'),
                  attributes.size(),
                  attributes.lastModifiedTime().toInstant()));
        }
      }
    } catch (NoSuchFileException e) {
      // removed meanwhile, or never there
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  @Override
  public boolean delete(String key) throws IOException {
    var file = path(key);
    var existed = Files.deleteIfExists(file);
    if (existed) {
      deleteEmpty(parent(file));
    }
    return existed;
  }

  /** A directory for each request would be garbage, too. */
  private void deleteEmpty(Path directory) throws IOException {
    for (var each = directory; !each.equals(root); each = parent(each)) {
      try {
        Files.delete(each);
      } catch (DirectoryNotEmptyException | NoSuchFileException e) {
        return;
      }
    }
  }

  /** Of a path below the root, which has one. */
  private static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent());
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
      move();
      return new Stored(key, size, HexFormat.of().formatHex(digest.digest()));
    }

    /** The directory may be deleted, because it is empty, the moment after it was made. */
    private void move() throws IOException {
      for (int tries = 1; ; tries++) {
        try {
          Files.createDirectories(target.getParent());
          Files.move(
              temporary,
              target,
              StandardCopyOption.ATOMIC_MOVE,
              StandardCopyOption.REPLACE_EXISTING);
          return;
        } catch (NoSuchFileException | FileAlreadyExistsException e) {
          if (tries == MOVES_MAX) {
            throw e;
          }
        }
      }
    }

    /**
     * Unlike a move a link never replaces what is there.
     *
     * @return false when there is something
     */
    boolean link() throws IOException {
      channel.force(true);
      for (int tries = 1; ; tries++) {
        if (Files.exists(target)) {
          return false;
        }
        try {
          Files.createDirectories(target.getParent());
          Files.createLink(target, temporary);
          return true;
        } catch (NoSuchFileException | FileAlreadyExistsException e) {
          // somebody was quicker, or the directory was deleted the moment after it was made
          if (tries == MOVES_MAX) {
            throw e;
          }
        }
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
      Files.deleteIfExists(temporary);
    }
  }
}
