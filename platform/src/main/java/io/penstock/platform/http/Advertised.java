package io.penstock.platform.http;

import io.penstock.platform.config.Section;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;
import org.apache.kafka.streams.state.HostInfo;

/** Where other instances of the same service reach this one. */
public final class Advertised {

  private static final Set<String> EVERYWHERE = Set.of("0.0.0.0", "::", "[::]");

  private Advertised() {}

  /**
   * Reads {@code advertised}, such as {@code ingress-1:8080}. By default it is the address that is
   * listened on or, when that is every address, the name of this host.
   */
  public static HostInfo of(Section section, String host, int port) {
    var text = section.text("advertised", "");
    if (text.isEmpty()) {
      return new HostInfo(EVERYWHERE.contains(host) ? hostName() : host, port);
    }
    try {
      var address = HostInfo.buildFromEndpoint(text);
      if (address != null) {
        return address;
      }
    } catch (RuntimeException e) {
      // told below, as every other mistake in a configuration
    }
    section.error("advertised", "must be a host and a port, such as ingress-1:8080");
    return new HostInfo(host, port);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
