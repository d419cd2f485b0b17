package io.penstock.simulator;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.penstock.simulator.behaviour.OrderBook;
import io.penstock.simulator.behaviour.Orders;
import io.penstock.simulator.calls.CallLog;
import io.penstock.simulator.http.Connections;
import io.penstock.simulator.http.Control;
import io.penstock.simulator.http.ControlRoutes;
import io.penstock.simulator.http.Desk;
import io.penstock.simulator.http.ProviderRoutes;
import io.penstock.simulator.limit.KeyLimiters;
import io.penstock.simulator.limit.RateLimits;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running simulated provider. Safe for concurrent use; starting, dying, reviving and closing take
 * turns.
 *
 * <p>Bodies are read whole, answers come from virtual threads, and nothing bounds the calls in
 * flight but memory: a provider that queued them silently would be no use as a witness.
 */
public final class Simulator implements AutoCloseable, Control {
  private static final Logger LOG = LoggerFactory.getLogger(Simulator.class);
  private static final int BACKLOG = 4_096;
  private static final int RECEIVE_BUFFER_BYTES = 256 << 10;
  private static final Duration STOP_GRACE = Duration.ofMillis(20);

  private final SimulatorConfig config;
  private final Ticker ticker;
  private final String host;
  private final CallLog log;
  private final KeyLimiters limiters;
  private final OrderBook orderBook = new OrderBook();
  private final AtomicBoolean called = new AtomicBoolean();
  private final ReentrantLock lifecycle = new ReentrantLock();
  private final int port;
  private final @Nullable Listening admin;
  private @Nullable Listening provider;
  private boolean closed;

  /** A listener and the connections it accepted. */
  private record Listening(WebServer server, Connections connections) {
    int port() {
      return server.port();
    }

    void stopAbruptly() {
      connections.resetAll();
      server.stop();
    }
  }

  private Simulator(SimulatorConfig config, Ticker ticker, String host, int port) {
    this.config = config;
    this.ticker = ticker;
    this.host = host;
    long now = ticker.nanos();
    this.log = new CallLog(config.bookkeeping().callsKeptMax(), System.currentTimeMillis(), now);
    this.limiters = new KeyLimiters(config.access().keys().size(), config.access().limits(), now);
    var started = listenAsProvider(port);
    this.provider = started;
    this.port = started.port();
    this.admin = listenAsAdmin(started);
  }

  /**
   * Starts on a port; 0 picks a free one.
   *
   * @throws IllegalStateException if it cannot listen there
   */
  public static Simulator start(SimulatorConfig config, String host, int port) {
    return start(config, host, port, Ticker.system());
  }

  /**
   * Starts with another clock for limits and call log; latencies pass in real time all the same.
   *
   * @throws IllegalStateException if it cannot listen there
   */
  public static Simulator start(SimulatorConfig config, String host, int port, Ticker ticker) {
    return new Simulator(config, ticker, host, port);
  }

  /** Where it listens, and will listen again after a revival. */
  public int port() {
    return port;
  }

  /** The base of all its paths, without a trailing slash. */
  public URI uri() {
    return URI.create("http://" + host + ":" + port);
  }

  /** Where the control surface listens as well; empty if it was not asked for. */
  public OptionalInt adminPort() {
    return admin == null ? OptionalInt.empty() : OptionalInt.of(admin.port());
  }

  @Override
  public CallLog log() {
    return log;
  }

  @Override
  public RateLimits limits() {
    return limiters.limits();
  }

  @Override
  public void changeLimits(RateLimits limits) {
    limiters.change(limits, ticker.nanos());
  }

  @Override
  public void changeLimits(int key, RateLimits limits) {
    limiters.change(key, limits, ticker.nanos());
  }

  @Override
  public Map<String, Orders> orders() {
    return orderBook.all(ticker.nanos());
  }

  @Override
  public void order(String model, Orders orders, Optional<Duration> time) {
    orderBook.place(model, orders, time, ticker.nanos());
  }

  @Override
  public void takeBackOrders(String model) {
    orderBook.remove(model);
  }

  @Override
  public void takeBackOrders() {
    orderBook.clear();
  }

  /** Whether it listens. */
  public boolean alive() {
    lifecycle.lock();
    try {
      return provider != null;
    } finally {
      lifecycle.unlock();
    }
  }

  /** Resets all connections and stops listening, so that further ones are refused. */
  @Override
  public void die() {
    lifecycle.lock();
    try {
      if (provider != null) {
        provider.stopAbruptly();
        provider = null;
        LOG.atInfo().addKeyValue("port", port).log("Simulator died");
      }
    } finally {
      lifecycle.unlock();
    }
  }

  /**
   * Listens again on the same port, with the same call log and limits.
   *
   * @throws IllegalStateException if the port was taken meanwhile, or the simulator is closed
   */
  @Override
  public void revive() {
    lifecycle.lock();
    try {
      if (closed) {
        throw new IllegalStateException("a closed simulator cannot be revived");
      }
      if (provider == null) {
        provider = listenAsProvider(port);
        LOG.atInfo().addKeyValue("port", port).log("Simulator revived");
      }
    } finally {
      lifecycle.unlock();
    }
  }

  /** Stops for good. */
  @Override
  public void close() {
    lifecycle.lock();
    try {
      closed = true;
      if (provider != null) {
        provider.stopAbruptly();
        provider = null;
      }
      if (admin != null) {
        admin.stopAbruptly();
      }
    } finally {
      lifecycle.unlock();
    }
  }

  private Listening listenAsProvider(int wantedPort) {
    var connections = new Connections();
    var routing = HttpRouting.builder();
    var desk =
        new Desk(
            config, ticker, log, limiters, orderBook, connections, this::scheduleDeathOnFirstCall);
    ProviderRoutes.addTo(routing, desk);
    ControlRoutes.addTo(routing, this, connections);
    ProviderRoutes.addUnknownTo(routing);
    return listen(routing, connections, wantedPort);
  }

  private @Nullable Listening listenAsAdmin(Listening startedProvider) {
    if (config.bookkeeping().adminPort().isEmpty()) {
      return null;
    }
    var connections = new Connections();
    var routing = HttpRouting.builder();
    ControlRoutes.addTo(routing, this, connections);
    ControlRoutes.addRevivalTo(routing, this);
    ProviderRoutes.addUnknownTo(routing);
    try {
      return listen(routing, connections, config.bookkeeping().adminPort().getAsInt());
    } catch (IllegalStateException taken) {
      startedProvider.stopAbruptly();
      throw taken;
    }
  }

  private Listening listen(HttpRouting.Builder routing, Connections connections, int wantedPort) {
    var server =
        WebServer.builder()
            .host(host)
            .port(wantedPort)
            .backlog(BACKLOG)
            .putListenerSocketOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            .connectionOptions(connections)
            .maxPayloadSize(config.access().bodyBytesMax())
            .shutdownGracePeriod(STOP_GRACE)
            // Streams collect their own writes.
            .writeBufferSize(0)
            .shutdownHook(false)
            // Exactly HTTP/1.1, whatever else is on the class path.
            .protocolsDiscoverServices(false)
            .addProtocol(Http1Config.create())
            .directHandlers(ProviderRoutes.directHandlers(config.access().bodyBytesMax()))
            .routing(routing)
            .build()
            .start();
    if (!server.isRunning()) {
      throw new IllegalStateException(
          "the simulator cannot listen on " + host + ":" + wantedPort + "; is the port taken?");
    }
    return new Listening(server, connections);
  }

  private void scheduleDeathOnFirstCall() {
    if (config.behaviour().deadAfter().isPresent() && called.compareAndSet(false, true)) {
      long nanos = config.behaviour().deadAfter().get().toNanos();
      Thread.ofVirtual().name("simulator-death").start(() -> dieAfter(nanos));
    }
  }

  private void dieAfter(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
      die();
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }
}
