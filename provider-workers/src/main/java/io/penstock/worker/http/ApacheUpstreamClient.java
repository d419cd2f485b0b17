package io.penstock.worker.http;

import io.penstock.worker.dialect.Headers;
import io.penstock.worker.http.UpstreamResult.Answered;
import io.penstock.worker.http.UpstreamResult.Cancelled;
import io.penstock.worker.http.UpstreamResult.CutOff;
import io.penstock.worker.http.UpstreamResult.NotConnected;
import io.penstock.worker.http.UpstreamResult.OutOfTime;
import io.penstock.worker.http.UpstreamResult.Streamed;
import io.penstock.worker.http.UpstreamResult.TimedOut;
import io.penstock.worker.http.UpstreamResult.TooLarge;
import io.penstock.worker.http.Watchdog.Limit;
import io.penstock.worker.http.Watchdog.Watched;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * One attempt on Apache HttpClient's blocking API: nothing is repeated, redirected, decompressed or
 * remembered. Time limits come from one watchdog that closes the connection.
 */
public final class ApacheUpstreamClient implements UpstreamClient {

  // servers close idle connections after 5 s (Node) to 75 s (nginx); a reset on reuse is a call in
  // doubt
  private static final TimeValue IDLE_MAX = TimeValue.ofSeconds(20);
  private static final TimeValue VALIDATE_AFTER = TimeValue.ofSeconds(2);
  private static final int COPY_BYTES = 8 << 10;
  private static final int ROOM_STEP_BYTES = 512 << 10;
  // what follows the provider's last word is the end of its last chunk, and comes with it
  private static final Duration DRAIN_MAX = Duration.ofMillis(250);

  private final PoolingHttpClientConnectionManager connections;
  private final CloseableHttpClient client;
  private final Watchdog watchdog = new Watchdog();
  private final int bodyBytesMax;

  /**
   * Opens a client without any connection.
   *
   * @param connectionsMax most connections in all
   * @param bodyBytesMax largest answer
   * @param connect time until a connection stands
   */
  public ApacheUpstreamClient(int connectionsMax, int bodyBytesMax, Duration connect) {
    this.bodyBytesMax = bodyBytesMax;
    this.connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
            .setConnPoolPolicy(PoolReusePolicy.LIFO)
            .setMaxConnTotal(connectionsMax)
            .setMaxConnPerRoute(connectionsMax)
            .setDefaultSocketConfig(SocketConfig.custom().setTcpNoDelay(true).build())
            .setDefaultConnectionConfig(
                ConnectionConfig.custom()
                    .setConnectTimeout(Timeout.of(connect))
                    .setSocketTimeout(Timeout.DISABLED)
                    .setValidateAfterInactivity(VALIDATE_AFTER)
                    .build())
            .build();
    this.client =
        HttpClients.custom()
            .setConnectionManager(connections)
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setConnectionRequestTimeout(Timeout.of(connect))
                    .setResponseTimeout(Timeout.DISABLED)
                    .setExpectContinueEnabled(false)
                    .setRedirectsEnabled(false)
                    .setContentCompressionEnabled(false)
                    .build())
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression()
            .evictExpiredConnections()
            .evictIdleConnections(IDLE_MAX)
            .setUserAgent("penstock")
            .build();
    watchdog.start();
  }

  @Override
  public UpstreamResult post(UpstreamRequest request, Cancellation cancellation) {
    return execute(request, null, cancellation);
  }

  @Override
  public UpstreamResult stream(
      UpstreamRequest request, BodyListener listener, Cancellation cancellation) {
    return execute(request, listener, cancellation);
  }

  private UpstreamResult execute(
      UpstreamRequest request, @Nullable BodyListener listener, Cancellation cancellation) {
    var post = new HttpPost(request.uri());
    request.headers().forEach(post::setHeader);
    var watched = watchdog.watch(request.timeouts(), post::cancel);
    post.setEntity(new WatchedBody(request.body(), watched));
    var exchange = new Exchange(watched, listener, cancellation, post::cancel, request.room());
    cancellation.bind(post::cancel);
    try {
      return client.execute(post, exchange::read);
    } catch (IOException | RuntimeException e) {
      return exchange.broken(e);
    } finally {
      cancellation.unbind();
      watchdog.release(watched);
    }
  }

  /** Connections in use. */
  int connectionsLeased() {
    return connections.getTotalStats().getLeased();
  }

  /** Connections that wait for the next call. */
  int connectionsIdle() {
    return connections.getTotalStats().getAvailable();
  }

  /** What is known of an answer while it comes; used by one thread. */
  private final class Exchange {
    private final Watched watched;
    private final @Nullable BodyListener listener;
    private final Cancellation cancellation;
    // whoever only closes a body reads it to its end first
    private final Runnable hangUp;
    private final AnswerRoom room;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
    private int roomTaken = UpstreamRequest.ANSWER_FREE_BYTES;
    private @Nullable Integer status;
    private boolean taken;
    private @Nullable RuntimeException listenerFailure;

    Exchange(
        Watched watched,
        @Nullable BodyListener listener,
        Cancellation cancellation,
        Runnable hangUp,
        AnswerRoom room) {
      this.room = room;
      this.hangUp = hangUp;
      this.watched = watched;
      this.listener = listener;
      this.cancellation = cancellation;
    }

    UpstreamResult read(ClassicHttpResponse response) throws IOException {
      var headNanos = System.nanoTime();
      status = response.getCode();
      var headers = headers(response);
      var entity = response.getEntity();
      if (listener != null && status == 200 && !json(headers)) {
        listener.head(headers, headNanos);
        if (entity != null) {
          hand(entity.getContent(), listener);
        }
        return new Streamed();
      }
      if (entity != null) {
        try (var content = entity.getContent()) {
          if (!copy(content)) {
            hangUp.run();
            throw new TooLargeException();
          }
        }
      }
      return new Answered(response.getCode(), headers, body.toByteArray(), headNanos);
    }

    private static Headers headers(ClassicHttpResponse response) {
      var headers = new HashMap<String, String>();
      for (var header : response.getHeaders()) {
        var value = header.getValue();
        headers.putIfAbsent(header.getName().toLowerCase(Locale.ROOT), value == null ? "" : value);
      }
      return new Headers(headers);
    }

    private static boolean json(Headers headers) {
      var type = headers.value("content-type");
      return type != null && type.toLowerCase(Locale.ROOT).startsWith("application/json");
    }

    private boolean copy(InputStream from) throws IOException {
      var buffer = new byte[COPY_BYTES];
      var silent = true;
      int length;
      while ((length = from.read(buffer)) >= 0) {
        // some servers send blank lines while a call waits for its turn
        if (silent && !blank(buffer, length)) {
          silent = false;
          watched.begun();
        }
        watched.progress();
        if (body.size() + length > bodyBytesMax) {
          return false;
        }
        if (!hasRoom(body.size() + length)) {
          // the watchdog, or whoever cancelled, has said why
          hangUp.run();
          throw new EnoughException();
        }
        body.write(buffer, 0, length);
      }
      return true;
    }

    /** Takes memory in steps; while there is none, the provider is not to blame for silence. */
    private boolean hasRoom(int bytes) {
      while (roomTaken < bytes) {
        watched.rest();
        var taken =
            room.take(
                ROOM_STEP_BYTES, () -> watched.ended() != Limit.NONE || cancellation.cancelled());
        watched.resume();
        if (!taken) {
          return false;
        }
        roomTaken += ROOM_STEP_BYTES;
      }
      return true;
    }

    private static boolean blank(byte[] buffer, int length) {
      for (int i = 0; i < length; i++) {
        if (buffer[i] > ' ' || buffer[i] < 0) {
          return false;
        }
      }
      return true;
    }

    private void hand(InputStream from, BodyListener to) throws IOException {
      var buffer = new byte[COPY_BYTES];
      var silent = true;
      int length;
      while ((length = from.read(buffer)) >= 0) {
        watched.rest();
        switch (take(to, buffer, length)) {
          case SILENT -> {
            // the limit for the first byte goes on
          }
          case BEGUN -> {
            if (silent) {
              silent = false;
              watched.begun();
            }
          }
          case COMPLETE -> {
            taken = true;
            drain(from, buffer);
            return;
          }
          case ENOUGH -> {
            taken = true;
            hangUp.run();
            throw new EnoughException();
          }
        }
        watched.resume();
      }
      from.close();
    }

    /** Only a body that was read to its end leaves a connection for the next call. */
    private void drain(InputStream from, byte[] buffer) throws IOException {
      watched.endWithin(DRAIN_MAX);
      while (from.read(buffer) >= 0) {
        // of no interest
      }
      from.close();
    }

    private BodyListener.Progress take(BodyListener to, byte[] buffer, int length) {
      try {
        return to.take(buffer, 0, length);
      } catch (RuntimeException e) {
        listenerFailure = e;
        hangUp.run();
        throw e;
      }
    }

    UpstreamResult broken(Exception e) {
      if (listenerFailure != null) {
        throw listenerFailure;
      }
      if (taken) {
        return new Streamed();
      }
      if (cancellation.cancelled()) {
        return new Cancelled("the call was cancelled");
      }
      switch (watched.ended()) {
        case TOTAL -> {
          return new OutOfTime("the call took longer than it may", status);
        }
        case FIRST_BYTE -> {
          return status != null && status >= 300
              ? new CutOff("the answer fell silent", status, body.toByteArray())
              : new TimedOut("no answer came in time");
        }
        case IDLE -> {
          return new CutOff("the answer fell silent", status, body.toByteArray());
        }
        case NONE -> {
          // the connection broke by itself
        }
      }
      if (e instanceof TooLargeException && status != null) {
        return new TooLarge("the answer is larger than " + bodyBytesMax + " bytes", status);
      }
      if (e instanceof HttpHostConnectException
          || e instanceof ConnectTimeoutException
          || e instanceof UnknownHostException
          || e instanceof org.apache.hc.core5.http.ConnectionRequestTimeoutException
          || e instanceof SSLHandshakeException
          || e instanceof SSLPeerUnverifiedException) {
        return new NotConnected("no connection to the provider: " + e.getClass().getSimpleName());
      }
      // On a connection that was used before, a reset may mean that the server had closed it and
      // saw
      // nothing of us, or that it died while working. Nobody can tell, so it counts as the latter.
      return new CutOff(
          status == null ? "the connection broke before an answer" : "the answer broke off",
          status,
          body.toByteArray());
    }
  }

  /** Tells when it has been sent. */
  private static final class WatchedBody extends HttpEntityWrapper {
    private final Watched watched;

    WatchedBody(byte[] body, Watched watched) {
      super(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
      this.watched = watched;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
      super.writeTo(out);
      watched.sent();
    }
  }

  private static final class EnoughException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public void close() {
    client.close(CloseMode.IMMEDIATE);
    watchdog.close();
  }
}
