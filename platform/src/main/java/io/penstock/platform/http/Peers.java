package io.penstock.platform.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.kafka.streams.state.HostInfo;

/**
 * Other instances of the same service. Kafka Streams gives each instance some of the partitions,
 * and so some of the state: what another one has, that one is asked for, with the caller's own
 * credentials, one hop far (see KIP-535 for how the owner is found). Thread-safe.
 */
public final class Peers implements AutoCloseable {

  private static final HeaderName HOP = HeaderNames.create("x-penstock-hop");
  private static final Duration CONNECT_MAX = Duration.ofSeconds(2);
  private static final Duration ANSWER_MAX = Duration.ofSeconds(15);

  /** Of the connection and the body, not of the request. */
  private static final Set<String> NOT_SENT_ON =
      Set.of(
          "connection",
          "content-length",
          "transfer-encoding",
          "expect",
          "host",
          "upgrade",
          "http2-settings",
          "accept-encoding",
          "keep-alive",
          "te",
          "trailer",
          "content-type");

  /** What is passed on of an answer, beside its status and body. */
  private static final List<HeaderName> PASSED_BACK =
      List.of(
          HeaderNames.CONTENT_TYPE,
          HeaderNames.RETRY_AFTER,
          HeaderNames.CACHE_CONTROL,
          HeaderNames.CONTENT_DISPOSITION);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_MAX)
          .build();

  /** Another instance did not answer. */
  public static final class SilentException extends Exception {
    private static final long serialVersionUID = 1L;

    private SilentException(HostInfo peer, IOException cause) {
      super("the instance at " + peer.host() + ":" + peer.port() + " does not answer", cause);
    }
  }

  /** Whether another instance asks: then nobody else is asked. */
  public static boolean asks(ServerRequest request) {
    return request.headers().contains(HOP);
  }

  /**
   * Asks the same question there. Its body, if it had one, is not sent on.
   *
   * @throws SilentException nobody answered
   */
  public HttpResponse<byte[]> ask(HostInfo peer, ServerRequest request)
      throws SilentException, InterruptedException {
    var query = request.query().rawValue();
    return ask(
        peer,
        request,
        request.prologue().method().text(),
        request.path().rawPath() + (query.isEmpty() ? "" : "?" + query));
  }

  /**
   * Asks something else in the name of the caller.
   *
   * @param target path and query, encoded
   * @throws SilentException nobody answered
   */
  public HttpResponse<byte[]> ask(HostInfo peer, ServerRequest caller, String method, String target)
      throws SilentException, InterruptedException {
    var asked =
        HttpRequest.newBuilder(URI.create("http://" + peer.host() + ":" + peer.port() + target))
            .timeout(ANSWER_MAX)
            .method(method, BodyPublishers.noBody());
    for (var header : caller.headers()) {
      if (!NOT_SENT_ON.contains(header.name().toLowerCase(Locale.ROOT))) {
        asked.header(header.name(), header.get());
      }
    }
    asked.header(HOP.defaultCase(), "1");
    try {
      return http.send(asked.build(), BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new SilentException(peer, e);
    }
  }

  /** Answers with what another instance answered. */
  public static void answer(ServerResponse response, HttpResponse<byte[]> answer) {
    response.status(Status.create(answer.statusCode()));
    for (var header : PASSED_BACK) {
      answer
          .headers()
          .firstValue(header.lowerCase())
          .ifPresent(value -> response.header(header, value));
    }
    response.send(answer.body());
  }

  @Override
  public void close() {
    http.close();
  }
}
