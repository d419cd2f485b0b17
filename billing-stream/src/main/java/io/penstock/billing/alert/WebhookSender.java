package io.penstock.billing.alert;

import io.penstock.billing.alert.PublicAddresses.RefusedAddressException;
import io.penstock.platform.config.ConfigException;
import io.penstock.platform.config.Secret;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Delivers over HTTP. Nothing of an answer is read but its status line and {@code Retry-After}, and
 * no redirect is followed. Thread-safe.
 */
final class WebhookSender implements Sender, AutoCloseable {

  private static final Timeout CONNECT_MAX = Timeout.ofSeconds(5);
  private static final int CONNECTIONS_MAX = 256;
  private static final int GONE = 410;
  private static final int TOO_MANY = 429;
  private static final Duration RETRY_AFTER_MAX = Duration.ofDays(2);

  private final PublicAddresses addresses;
  private final boolean loopbackAllowed;
  private final Duration timeout;
  private final CloseableHttpClient client;
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("webhook-timeouts").factory());

  /**
   * @param timeout of an attempt, from the look-up of the name to the status line
   */
  WebhookSender(boolean loopbackAllowed, Duration timeout) {
    this(new PublicAddresses(loopbackAllowed), loopbackAllowed, timeout);
  }

  WebhookSender(PublicAddresses addresses, boolean loopbackAllowed, Duration timeout) {
    this.addresses = addresses;
    this.loopbackAllowed = loopbackAllowed;
    this.timeout = timeout;
    this.client =
        HttpClients.custom()
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    .setDnsResolver(addresses)
                    .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                    .setMaxConnTotal(CONNECTIONS_MAX)
                    .setMaxConnPerRoute(CONNECTIONS_MAX)
                    .setDefaultConnectionConfig(
                        ConnectionConfig.custom().setConnectTimeout(CONNECT_MAX).build())
                    .build())
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setConnectionRequestTimeout(CONNECT_MAX)
                    .setResponseTimeout(Timeout.of(timeout))
                    .setExpectContinueEnabled(false)
                    .build())
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression()
            .setUserAgent("penstock-webhooks")
            .build();
  }

  @Override
  public Outcome send(String id, byte[] body, String url, String secret, Instant at) {
    URI uri;
    byte[] key;
    try {
      uri = URI.create(url);
      key = Signature.key(new Secret(secret).resolve());
    } catch (ConfigException | IllegalArgumentException e) {
      return new Outcome.Failed("the endpoint cannot be used: " + e.getMessage(), null, false);
    }
    if (!usable(uri)) {
      return new Outcome.Failed("the address of the endpoint is not allowed", null, false);
    }
    var post = new HttpPost(uri);
    post.setHeader("webhook-id", id);
    post.setHeader("webhook-timestamp", Long.toString(at.getEpochSecond()));
    post.setHeader("webhook-signature", Signature.of(key, id, at, body));
    post.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
    return attempt(post);
  }

  /** HTTPS; without it this machine only, where that is allowed. Never with credentials. */
  private boolean usable(URI uri) {
    var host = uri.getHost();
    if (host == null || uri.getRawUserInfo() != null) {
      return false;
    }
    return "https".equalsIgnoreCase(uri.getScheme())
        || "http".equalsIgnoreCase(uri.getScheme())
            && loopbackAllowed
            && addresses.isLoopback(host);
  }

  private Outcome attempt(HttpPost post) {
    var late = new AtomicBoolean();
    var watch =
        watchdog.schedule(
            () -> {
              late.set(true);
              post.cancel();
            },
            timeout.toMillis(),
            TimeUnit.MILLISECONDS);
    // closing an answer that is not read to its end drops the connection
    try (var answer = client.executeOpen(null, post, null)) {
      return outcome(answer);
    } catch (RefusedAddressException e) {
      return new Outcome.Failed("the address of the endpoint is not allowed", null, false);
    } catch (InterruptedIOException e) {
      return new Outcome.Failed("no answer in time", null, true);
    } catch (IOException e) {
      return new Outcome.Failed(
          late.get() ? "no answer in time" : "no answer: " + e.getClass().getSimpleName(),
          null,
          late.get());
    } finally {
      watch.cancel(false);
    }
  }

  private static Outcome outcome(HttpResponse answer) {
    var status = answer.getCode();
    if (status >= 200 && status < 300) {
      return new Outcome.Delivered();
    }
    if (status == GONE) {
      return new Outcome.Gone();
    }
    return new Outcome.Failed("status " + status, retryAfter(answer), status == TOO_MANY);
  }

  /** Only seconds are understood; a date is as good as none. */
  private static @Nullable Duration retryAfter(HttpResponse answer) {
    var header = answer.getFirstHeader("Retry-After");
    if (header == null || !header.getValue().matches("[0-9]{1,9}")) {
      return null;
    }
    var asked = Duration.ofSeconds(Long.parseLong(header.getValue()));
    return asked.compareTo(RETRY_AFTER_MAX) > 0 ? RETRY_AFTER_MAX : asked;
  }

  @Override
  public void close() {
    watchdog.shutdownNow();
    client.close(org.apache.hc.core5.io.CloseMode.IMMEDIATE);
  }
}
