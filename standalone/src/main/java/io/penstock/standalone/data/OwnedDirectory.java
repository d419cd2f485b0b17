package io.penstock.standalone.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A directory that only its owner can read (mode 0700) and that one process at a time may use.
 *
 * <p>The lock belongs to the operating system, so it is gone with the process, however that ends.
 * Instances may be shared between threads.
 */
public final class OwnedDirectory implements AutoCloseable {
  private static final String LOCK_FILE = "owner.lock";

  /**
   * What this process holds. Asking the operating system would not do: a second channel on a file
   * that this process has locked gives up the first one's lock when it is closed.
   */
  private static final Set<Path> CLAIMED = ConcurrentHashMap.newKeySet();

  /**
   * Keeps what is open from the garbage collector: it would close the channel of a forgotten
   * instance, and with it give up the lock, while the process still uses the directory.
   */
  private static final Set<OwnedDirectory> OPEN = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel lock;

  private OwnedDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Creates the directory when it is missing, and takes it for this process until {@link #close()}.
   *
   * @throws StartupException when it cannot be written, or another process has it
   */
  public static OwnedDirectory claim(Path directory) {
    Path path;
    try {
      path = create(directory);
    } catch (IOException e) {
      throw new StartupException(
          "Cannot write to the data directory "
              + directory
              + " ("
              + reason(e)
              + "): choose one that you own with --data.",
          e);
    }
    if (!CLAIMED.add(path)) {
      throw inUse(path, ProcessHandle.current().pid() + "");
    }
    try {
      var claimed = new OwnedDirectory(path, lock(path));
      OPEN.add(claimed);
      return claimed;
    } catch (RuntimeException e) {
      CLAIMED.remove(path);
      throw e;
    }
  }

  /** The directory itself, absolute. */
  public Path path() {
    return path;
  }

  /** Reads a file of key-value pairs; empty when the file does not exist yet. */
  public Properties read(String file) {
    return read(path.resolve(file));
  }

  /**
   * Reads a file of key-value pairs without claiming its directory; empty when the file does not
   * exist.
   */
  public static Properties read(Path file) {
    var properties = new Properties();
    if (!Files.exists(file)) {
      return properties;
    }
    try {
      properties.load(new StringReader(Files.readString(file)));
      return properties;
    } catch (IOException e) {
      throw new StartupException("Cannot read " + file + " (" + reason(e) + "): is it yours?", e);
    }
  }

  /** Replaces a file of key-value pairs at once; only the owner can read it (mode 0600). */
  public void write(String file, Properties properties) {
    try {
      var text = new StringWriter();
      properties.store(text, null);
      var temporary = path.resolve(file + ".new");
      Files.deleteIfExists(temporary);
      var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      try (var channel = FileChannel.open(temporary, options, ownerOnly(temporary, "rw-------"))) {
        channel.write(UTF_8.encode(text.toString()));
        channel.force(true);
      }
      Files.move(
          temporary,
          path.resolve(file),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new StartupException(
          "Cannot write " + path.resolve(file) + " (" + reason(e) + "): is the disk full?", e);
    }
  }

  /** Gives the directory up for others. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      OPEN.remove(this);
      CLAIMED.remove(path);
    }
  }

  private static Path create(Path directory) throws IOException {
    var absolute = directory.toAbsolutePath().normalize();
    Files.createDirectories(absolute, ownerOnly(absolute, "rwx------"));
    if (isPosix(absolute)) {
      Files.setPosixFilePermissions(absolute, PosixFilePermissions.fromString("rwx------"));
    }
    var path = absolute.toRealPath();
    // The bits of the mode can lie (read-only mounts, quotas); creating a file does not.
    Files.delete(Files.createTempFile(path, "probe", null));
    return path;
  }

  private static FileChannel lock(Path path) {
    var file = path.resolve(LOCK_FILE);
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() == null) {
        channel.close();
        throw inUse(path, Files.readString(file).strip());
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(UTF_8)));
      return channel;
    } catch (IOException e) {
      throw new StartupException(
          "Cannot lock " + file + " (" + reason(e) + "): choose a local disk with --data.", e);
    }
  }

  private static StartupException inUse(Path path, String process) {
    return new StartupException(
        "The data directory "
            + path
            + " is in use by process "
            + process
            + ": stop it, or choose another one with --data.");
  }

  private static FileAttribute<?>[] ownerOnly(Path path, String permissions) {
    if (!isPosix(path)) {
      return new FileAttribute<?>[0];
    }
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
    };
  }

  private static boolean isPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
