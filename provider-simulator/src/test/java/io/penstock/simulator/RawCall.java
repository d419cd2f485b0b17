package io.penstock.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A call over a plain socket, which sees every byte, and can leave. */
final class RawCall implements AutoCloseable {
  private final Socket socket = new Socket();

  RawCall(Simulator simulator, String path, String body) throws IOException {
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), simulator.port()));
    socket.setSoTimeout(20_000);
    var bytes = body.getBytes(UTF_8);
    var head =
        "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx-penstock-request-id: raw\r\nContent-Length: %d\r\n\r\n"
            .formatted(path, bytes.length);
    socket.getOutputStream().write(head.getBytes(UTF_8));
    socket.getOutputStream().write(bytes);
  }

  /** All that comes until the connection or the body in chunks ends. */
  byte[] all() throws IOException {
    var bytes = new ByteArrayOutputStream();
    int read = socket.getInputStream().read();
    while (read >= 0) {
      bytes.write(read);
      if (read == '\n' && bytes.toString(ISO_8859_1).endsWith("\r\n0\r\n\r\n")) {
        break;
      }
      read = socket.getInputStream().read();
    }
    return bytes.toByteArray();
  }

  /** Waits for so many bytes. */
  byte[] some(int count) throws IOException {
    return socket.getInputStream().readNBytes(count);
  }

  /** The pieces of a body in chunks, and at its end whether the last one came. */
  static List<byte[]> chunks(byte[] answer) {
    var text = new String(answer, ISO_8859_1);
    int at = text.indexOf("\r\n\r\n") + 4;
    var chunks = new ArrayList<byte[]>();
    while (at < text.length()) {
      int end = text.indexOf("\r\n", at);
      int length = Integer.parseInt(text.substring(at, end), 16);
      chunks.add(text.substring(end + 2, end + 2 + length).getBytes(ISO_8859_1));
      at = end + 2 + length + 2;
    }
    return chunks;
  }

  static String joined(List<byte[]> chunks) {
    var bytes = new ByteArrayOutputStream();
    chunks.forEach(bytes::writeBytes);
    return bytes.toString(UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
