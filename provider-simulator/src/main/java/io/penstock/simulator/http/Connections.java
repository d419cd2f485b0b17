package io.penstock.simulator.http;

import io.helidon.common.socket.SocketOptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The open connections below the web server, which has no way of its own to reset one: it asks its
 * socket options to configure every accepted channel, and here they remember the channel by its
 * remote address. Safe for concurrent use.
 */
public final class Connections implements SocketOptions {
  private static final int ACCEPTS_PER_SWEEP = 256;

  private final SocketOptions options = SocketOptions.builder().tcpNoDelay(true).build();
  private final Map<SocketAddress, SocketChannel> open = new ConcurrentHashMap<>();
  private final AtomicInteger accepts = new AtomicInteger();
  private volatile boolean refusing;

  /** Remembers an accepted channel. */
  @Override
  public void configureSocket(SocketChannel channel) {
    try {
      open.put(channel.getRemoteAddress(), channel);
    } catch (IOException alreadyGone) {
      closeQuietly(channel);
      return;
    }
    if (refusing) {
      reset(channel);
      return;
    }
    options.configureSocket(channel);
    if (accepts.incrementAndGet() % ACCEPTS_PER_SWEEP == 0) {
      open.values().removeIf(known -> !known.isOpen());
    }
  }

  /** The channel of a remote address; null if it is gone. */
  @Nullable SocketChannel of(SocketAddress remote) {
    return open.get(remote);
  }

  /** Ends a connection without a goodbye: the other side sees a reset. */
  static void reset(SocketChannel channel) {
    try {
      // With no time to linger, closing discards what is unsent and sends RST instead of FIN.
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException alreadyGone) {
      // Then there is nothing left to say.
    }
    closeQuietly(channel);
  }

  /** Ends a connection after what was written: the other side sees its end. */
  static void finish(SocketChannel channel) {
    try {
      channel.shutdownOutput();
    } catch (IOException alreadyGone) {
      // Then there is nothing left to say.
    }
    closeQuietly(channel);
  }

  /** Leaves one connection out of the coming {@link #resetAll()}. */
  public void spare(SocketAddress remote) {
    open.remove(remote);
  }

  /** Resets all connections, and every one accepted from now on. */
  public void resetAll() {
    refusing = true;
    open.values().forEach(Connections::reset);
    open.clear();
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException alreadyGone) {
      // Closed is what it should be.
    }
  }

  @Override
  public Map<SocketOption<?>, Object> socketOptions() {
    return options.socketOptions();
  }

  @Override
  public Duration connectTimeout() {
    return options.connectTimeout();
  }

  @Override
  public Duration readTimeout() {
    return options.readTimeout();
  }

  @Override
  public Optional<Integer> socketReceiveBufferSize() {
    return options.socketReceiveBufferSize();
  }

  @Override
  public Optional<Integer> socketSendBufferSize() {
    return options.socketSendBufferSize();
  }

  @Override
  public boolean socketReuseAddress() {
    return options.socketReuseAddress();
  }

  @Override
  public boolean socketKeepAlive() {
    return options.socketKeepAlive();
  }

  @Override
  public boolean tcpNoDelay() {
    return options.tcpNoDelay();
  }
}
