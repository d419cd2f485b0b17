package io.penstock.standalone.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;

/** Binds listeners on 127.0.0.1, on the wanted port, the one used last time, or any. */
public final class LoopbackPort {
  private LoopbackPort() {}

  /**
   * Binds a listener that nobody outside this machine can reach.
   *
   * @param wanted the port that must be used; 0 when any will do
   * @param last the port used last time, taken again when it is free so that clients find it; 0
   *     when there is none
   * @throws StartupException when the wanted port is taken
   */
  public static ServerSocketChannel bind(int wanted, int last, String purpose) {
    try {
      return bind(wanted != 0 ? wanted : last);
    } catch (IOException e) {
      if (wanted != 0) {
        throw new StartupException(
            "Port "
                + wanted
                + " for "
                + purpose
                + " is taken: stop what listens there, or choose another port.",
            e);
      }
    }
    try {
      return bind(0);
    } catch (IOException e) {
      throw new StartupException(
          "No free port on 127.0.0.1 for " + purpose + ": " + e.getMessage(), e);
    }
  }

  /** The port of a bound listener. */
  public static int of(ServerSocketChannel channel) {
    try {
      return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ServerSocketChannel bind(int port) throws IOException {
    var channel = ServerSocketChannel.open();
    try {
      // Connections of the previous run may linger for a minute; they are no reason to move.
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.configureBlocking(false);
      channel.bind(
          new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }
}
