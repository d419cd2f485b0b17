package io.penstock.platform.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The server's own HTTP/1.1 connections, made to read by way of a {@link HangUp}. */
final class WatchedConnections implements ServerConnectionSelector {

  private final Http1ConnectionSelector http1 =
      Http1ConnectionSelector.builder().config(Http1Config.create()).build();

  @Override
  public int bytesToIdentifyConnection() {
    return http1.bytesToIdentifyConnection();
  }

  /** There is no other protocol, so what is none of this one is told so instead of hung up on. */
  @Override
  public Support supports(BufferData data) {
    return Support.SUPPORTED;
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http1.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    var hangUp = new HangUp(HangUp.source(context));
    var reads = new Reads(hangUp);
    var reader = DataReader.create(ended(new FirstLine(reads)));
    var connection = http1.connection(new Context(context, reader));
    reads.between = () -> connection instanceof InterruptableTask<?> task && task.canInterrupt();
    return new Connection(connection, hangUp);
  }

  @SuppressWarnings("NullAway") // null is how the server's readers are told of the end
  private static Supplier<byte[]> ended(Supplier<byte @Nullable []> source) {
    return source::get;
  }

  /** Ends between two requests where the caller wanted that; used by the connection's thread. */
  private static final class Reads implements Supplier<byte @Nullable []> {

    private final HangUp hangUp;

    /** Whether a next request is waited for: only then may the server be interrupted. */
    private BooleanSupplier between = () -> false;

    Reads(HangUp hangUp) {
      this.hangUp = hangUp;
    }

    @Override
    public byte @Nullable [] get() {
      return hangUp.ends() && between.getAsBoolean() ? null : next(hangUp);
    }
  }

  private static byte @Nullable [] next(HangUp hangUp) {
    try {
      return hangUp.next();
    } catch (UncheckedIOException e) {
      throw new ServerConnectionException("the connection cannot be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerConnectionException("the server stops", e);
    }
  }

  /** The server asks the outermost connection whether it may be interrupted. */
  private record Connection(ServerConnection http1, HangUp hangUp)
      implements ServerConnection, InterruptableTask<Void> {

    @Override
    public void handle(Limit limit) throws InterruptedException {
      hangUp.carry(http1, connection -> connection.handle(limit));
    }

    @Override
    public Duration idleTime() {
      return http1.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
      http1.close(interrupt);
    }

    @Override
    public boolean canInterrupt() {
      return http1 instanceof InterruptableTask<?> task && task.canInterrupt();
    }
  }

  private record Context(ConnectionContext of, DataReader reader) implements ConnectionContext {

    @Override
    public DataReader dataReader() {
      return reader;
    }

    @Override
    public DataWriter dataWriter() {
      return of.dataWriter();
    }

    @Override
    public ListenerContext listenerContext() {
      return of.listenerContext();
    }

    @Override
    public ExecutorService executor() {
      return of.executor();
    }

    @Override
    public Router router() {
      return of.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
      return of.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
      return of.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
      return of.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
      return of.localPeer();
    }

    @Override
    public boolean isSecure() {
      return of.isSecure();
    }

    @Override
    public String socketId() {
      return of.socketId();
    }

    @Override
    public String childSocketId() {
      return of.childSocketId();
    }
  }
}
