package io.penstock.worker.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that does to every request exactly what a test says. */
public final class ScriptedServer implements AutoCloseable {

  private static final String STREAM_HEAD =
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Queue<Socket> connections = new ConcurrentLinkedQueue<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Script script;

  /** Requests read. */
  public final AtomicInteger requests = new AtomicInteger();

  /** Connections that clients have closed while the script waited for that. */
  public final AtomicInteger hungUp = new AtomicInteger();

  /** What to do to one request. */
  public interface Script {
    /** Answers. */
    void answer(Peer peer) throws IOException;
  }

  /** The client, as a script sees it. */
  public final class Peer {
    private final Socket connection;
    private final InputStream in;
    private final OutputStream out;

    private Peer(Socket connection) throws IOException {
      this.connection = connection;
      this.in = connection.getInputStream();
      this.out = connection.getOutputStream();
    }

    /** Sends bytes as they are. */
    public Peer raw(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
      return this;
    }

    /** Sends the head of a stream. */
    public Peer head() throws IOException {
      return raw(STREAM_HEAD);
    }

    /** Sends one chunk of a stream. */
    public Peer chunk(String text) throws IOException {
      return chunk(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends one chunk of a stream. */
    public Peer chunk(byte[] bytes) throws IOException {
      out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(bytes);
      out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return this;
    }

    /** Sends the end of a stream. */
    public void end() throws IOException {
      raw("0\r\n\r\n");
    }

    /** Answers with JSON. */
    public void json(String status, String body) throws IOException {
      raw(
          "HTTP/1.1 "
              + status
              + "\r\ncontent-type: application/json\r\ncontent-length: "
              + body.getBytes(StandardCharsets.UTF_8).length
              + "\r\n\r\n"
              + body);
    }

    /** Resets the connection. */
    public void reset() throws IOException {
      connection.setSoLinger(true, 0);
      connection.close();
    }

    /** Says nothing more, and notes when the client has gone. */
    public void silence() throws IOException {
      try {
        if (in.read() < 0) {
          hungUp.incrementAndGet();
        }
      } catch (IOException e) {
        hungUp.incrementAndGet();
      }
      throw new IOException("over");
    }

    /** Waits for a test's sign. */
    public Peer await(CountDownLatch sign) throws IOException {
      try {
        while (!sign.await(10, TimeUnit.MILLISECONDS)) {
          if (closing.getCount() == 0) {
            throw new IOException("closing");
          }
        }
        return this;
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  /** Begins to listen. */
  public ScriptedServer(Script script) throws IOException {
    this.script = script;
    Thread.startVirtualThread(this::accept);
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        var connection = socket.accept();
        connections.add(connection);
        Thread.startVirtualThread(() -> serve(connection));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      var peer = new Peer(connection);
      while (readRequest(peer.in)) {
        requests.incrementAndGet();
        script.answer(peer);
      }
    } catch (IOException e) {
      // the client has gone, or the script has ended the connection
    }
  }

  private static boolean readRequest(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      var next = in.read();
      if (next < 0) {
        return false;
      }
      head.append((char) next);
    }
    var length =
        head.toString()
            .lines()
            .filter(line -> line.regionMatches(true, 0, "content-length:", 0, 15))
            .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
            .findFirst()
            .orElse(0);
    in.skipNBytes(length);
    return true;
  }

  /** Where it listens, with a trailing slash. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/");
  }

  @Override
  public void close() throws IOException {
    closing.countDown();
    socket.close();
    for (var connection : connections) {
      connection.close();
    }
  }
}
