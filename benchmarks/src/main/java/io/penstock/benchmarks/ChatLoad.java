package io.penstock.benchmarks;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A closed loop of chat completions over keep-alive connections: each of N callers sends its next
 * request when the last is answered. Prints one row: callers, requests per second, p50, p90, p99 in
 * milliseconds, failures.
 *
 * <p>Usage: {@code ChatLoad URL CALLERS SECONDS [HEADER: value …]}. It speaks HTTP/1.1 by hand
 * because it shares two cores with what it measures.
 */
public final class ChatLoad {

  private static final String BODY =
      "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Say in one short sentence what a penstock is.\"}],\"max_tokens\":16}";

  private final URI url;
  private final byte[] request;
  private final AtomicLong failures = new AtomicLong();
  private volatile boolean measuring;
  private volatile boolean stopped;

  private ChatLoad(URI url, String model, List<String> headers) {
    this.url = url;
    var body = BODY.formatted(model).getBytes(StandardCharsets.UTF_8);
    var head =
        new StringBuilder("POST ")
            .append(url.getPath())
            .append(" HTTP/1.1\r\nHost: ")
            .append(url.getAuthority());
    headers.forEach(header -> head.append("\r\n").append(header));
    head.append("\r\nContent-Type: application/json\r\nContent-Length: ")
        .append(body.length)
        .append("\r\n\r\n");
    var bytes = head.toString().getBytes(StandardCharsets.US_ASCII);
    this.request = Arrays.copyOf(bytes, bytes.length + body.length);
    System.arraycopy(body, 0, request, bytes.length, body.length);
  }

  /** See the class. */
  public static void main(String[] arguments) throws InterruptedException {
    if (arguments.length < 4) {
      System.err.println("usage: ChatLoad URL MODEL CALLERS SECONDS [\"Header: value\" …]");
      System.exit(2);
    }
    var load =
        new ChatLoad(
            URI.create(arguments[0]),
            arguments[1],
            List.of(arguments).subList(4, arguments.length));
    load.run(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
  }

  private void run(int callers, int seconds) throws InterruptedException {
    var threads = new ArrayList<Thread>();
    var samples = new ArrayList<Samples>();
    for (int i = 0; i < callers; i++) {
      var own = new Samples();
      samples.add(own);
      threads.add(Thread.ofVirtual().start(() -> call(own)));
    }
    Thread.sleep(1000L * Math.max(2, seconds / 4));
    measuring = true;
    var started = System.nanoTime();
    Thread.sleep(1000L * seconds);
    measuring = false;
    var elapsed = (System.nanoTime() - started) / 1e9;
    stopped = true;
    for (var thread : threads) {
      thread.join(5000);
    }
    var all =
        samples.stream()
            .flatMapToLong(own -> Arrays.stream(own.nanos, 0, own.count))
            .sorted()
            .toArray();
    System.out.printf(
        Locale.ROOT,
        "%4d callers  %7.0f requests/s  p50 %7.2f ms  p90 %7.2f ms  p99 %7.2f ms  %d failures%n",
        callers,
        all.length / elapsed,
        at(all, 0.50),
        at(all, 0.90),
        at(all, 0.99),
        failures.get());
  }

  private static double at(long[] sorted, double share) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1, sorted.length * share)] / 1e6;
  }

  private static final class Samples {
    long[] nanos = new long[1024];
    int count;

    void add(long sample) {
      if (count == nanos.length) {
        nanos = Arrays.copyOf(nanos, count * 2);
      }
      nanos[count++] = sample;
    }
  }

  private void call(Samples samples) {
    while (!stopped) {
      try (var socket = new Socket()) {
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), 5000);
        socket.setSoTimeout(30_000);
        var in = new BufferedInputStream(socket.getInputStream(), 16 << 10);
        var out = socket.getOutputStream();
        while (!stopped) {
          var started = System.nanoTime();
          out.write(request);
          out.flush();
          var status = answer(in);
          if (measuring) {
            if (status == 200) {
              samples.add(System.nanoTime() - started);
            } else {
              failures.incrementAndGet();
            }
          }
        }
      } catch (IOException e) {
        if (!stopped) {
          failures.incrementAndGet();
        }
      }
    }
  }

  /** Reads one answer, with a content length or chunked; gives its status. */
  private static int answer(InputStream in) throws IOException {
    var status = Integer.parseInt(line(in).substring(9, 12));
    long length = 0;
    var chunked = false;
    for (var header = line(in); !header.isEmpty(); header = line(in)) {
      var lower = header.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Long.parseLong(lower.substring("content-length:".length()).strip());
      } else if (lower.startsWith("transfer-encoding:") && lower.contains("chunked")) {
        chunked = true;
      }
    }
    if (!chunked) {
      in.skipNBytes(length);
      return status;
    }
    for (var size = Integer.parseInt(line(in).strip(), 16);
        size > 0;
        size = Integer.parseInt(line(in).strip(), 16)) {
      in.skipNBytes(size + 2L);
    }
    line(in);
    return status;
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the connection ended");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }
}
