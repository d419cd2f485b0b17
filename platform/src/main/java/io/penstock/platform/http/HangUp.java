package io.penstock.platform.http;

import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells a handler that its caller has closed the connection while it works on the answer. The
 * server itself would notice only when it writes.
 *
 * <p>While a handler waits, a thread of its own makes the connection's next read, which is the only
 * way to see the end of a connection; what it reads instead, such as a next request, is what the
 * connection reads next. So nothing has to be interrupted, and nothing is lost.
 */
public final class HangUp implements AutoCloseable {

  private static final ScopedValue<HangUp> CONNECTION = ScopedValue.newInstance();
  private static final HangUp UNKNOWN = new HangUp(() -> null);

  /** What came of one read: bytes, the end (null), or a failure. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Read(byte @Nullable [] bytes, @Nullable RuntimeException failure) {}

  private final Supplier<byte @Nullable []> source;
  private final AtomicReference<@Nullable Runnable> action = new AtomicReference<>();

  /** Whether no request follows the present one; of the connection's own thread. */
  private boolean lastRequest;

  /** The read that is made ahead; of the connection's own thread. */
  private @Nullable CompletableFuture<Read> ahead;

  HangUp(Supplier<byte @Nullable []> source) {
    this.source = source;
  }

  /**
   * Begins to watch the connection whose request this thread handles. To be called when the request
   * has been read, by the handler's own thread; a caller who closes only one direction counts as
   * gone. Where no connection is known nothing is watched.
   *
   * @param action run at most once, by another thread; must not block
   * @return to be closed before the handler returns
   */
  public static HangUp watch(Runnable action) {
    var connection = CONNECTION.isBound() ? CONNECTION.get() : UNKNOWN;
    if (connection != UNKNOWN) {
      connection.begin(action);
    }
    return connection;
  }

  /** Ends the watch; the action does not begin any more. */
  @Override
  public void close() {
    action.set(null);
  }

  /**
   * The caller whose request this thread handles wants its connection closed after the answer. The
   * server says in the answer that it will, and does not.
   */
  static void lastRequest() {
    if (CONNECTION.isBound()) {
      CONNECTION.get().lastRequest = true;
    }
  }

  /** Whether the connection ends with the present request. */
  boolean ends() {
    return lastRequest;
  }

  /** Runs a connection so that its handlers find it. */
  void carry(ServerConnection connection, ServerRun run) throws InterruptedException {
    ScopedValue.where(CONNECTION, this)
        .call(
            () -> {
              run.on(connection);
              return this;
            });
  }

  /** What a connection does in its thread. */
  interface ServerRun {
    void on(ServerConnection connection) throws InterruptedException;
  }

  private void begin(Runnable whenGone) {
    action.set(whenGone);
    if (ahead == null) {
      var read = new CompletableFuture<Read>();
      ahead = read;
      Thread.ofVirtual().name("hang-up").start(() -> readAhead(read));
    } else if (ahead.isDone() && ahead.join().bytes() == null) {
      gone();
    }
  }

  private void readAhead(CompletableFuture<Read> into) {
    var read = read();
    into.complete(read);
    if (read.bytes() == null) {
      gone();
    }
  }

  private Read read() {
    try {
      return new Read(source.get(), null);
    } catch (RuntimeException e) {
      return new Read(null, e);
    }
  }

  private void gone() {
    var whenGone = action.getAndSet(null);
    if (whenGone != null) {
      whenGone.run();
    }
  }

  /**
   * The connection's next bytes.
   *
   * @return null at the end
   */
  byte @Nullable [] next() throws InterruptedException {
    var pending = ahead;
    if (pending == null) {
      return source.get();
    }
    ahead = null;
    try {
      var read = pending.get();
      if (read.failure() != null) {
        throw read.failure();
      }
      return read.bytes();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a read completes only normally", e);
    }
  }

  /** Bytes of a connection as the server would have read them without us. */
  static Supplier<byte @Nullable []> source(ConnectionContext connection) {
    var buffered = connection.dataReader();
    var socket = connection.serverSocket();
    return () -> buffered.available() > 0 ? buffered.readBytes(buffered.available()) : socket.get();
  }
}
