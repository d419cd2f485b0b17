package io.penstock.billing.alert;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** An HTTP server of somebody who wants to hear; it answers each path with a status. */
final class Receiver implements AutoCloseable {

  /** What came. */
  record Delivery(String path, String id, String timestamp, String signature, byte[] body) {

    /** HMAC by its definition (RFC 2104), and not by the class that signs. */
    boolean isSignedWith(byte[] key) throws NoSuchAlgorithmException {
      var block = Arrays.copyOf(key, 64);
      var inner = MessageDigest.getInstance("SHA-256");
      inner.update(xor(block, 0x36));
      inner.update((id + "." + timestamp + ".").getBytes(java.nio.charset.StandardCharsets.UTF_8));
      inner.update(body);
      var outer = MessageDigest.getInstance("SHA-256");
      outer.update(xor(block, 0x5c));
      outer.update(inner.digest());
      return signature.equals("v1," + Base64.getEncoder().encodeToString(outer.digest()));
    }

    private static byte[] xor(byte[] block, int with) {
      var result = new byte[block.length];
      for (int i = 0; i < block.length; i++) {
        result[i] = (byte) (block[i] ^ with);
      }
      return result;
    }
  }

  final List<Delivery> deliveries = new CopyOnWriteArrayList<>();
  final Map<String, Integer> statuses = new ConcurrentHashMap<>();

  /** Requests to {@code /silent} wait for it. */
  final CountDownLatch closing = new CountDownLatch(1);

  private final HttpServer server;

  Receiver() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::receive);
    server.start();
  }

  String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  List<Delivery> at(String path) {
    return deliveries.stream().filter(delivery -> delivery.path().equals(path)).toList();
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = exchange.getRequestURI().getPath();
      var headers = exchange.getRequestHeaders();
      deliveries.add(
          new Delivery(
              path,
              headers.getFirst("webhook-id"),
              headers.getFirst("webhook-timestamp"),
              headers.getFirst("webhook-signature"),
              exchange.getRequestBody().readAllBytes()));
      if (path.equals("/silent")) {
        closing.await();
        return;
      }
      var status = statuses.getOrDefault(path, 200);
      if (status / 100 == 3) {
        exchange.getResponseHeaders().set("Location", url("/redirected"));
      }
      exchange.sendResponseHeaders(status, -1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
  }
}
