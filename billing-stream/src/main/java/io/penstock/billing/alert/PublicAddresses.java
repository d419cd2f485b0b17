package io.penstock.billing.alert;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.apache.hc.client5.http.DnsResolver;
import org.jspecify.annotations.Nullable;

/**
 * Looks names up and refuses what is not on the public internet, so that no endpoint can make us
 * ask a machine of our own network. The addresses that it gives are those that are dialled: a name
 * that answers otherwise the next time changes nothing. Thread-safe.
 */
final class PublicAddresses implements DnsResolver {

  /** Blocks that are nobody's on the internet (IANA special-purpose registries), or multicast. */
  private static final List<Block> BLOCKED =
      List.of(
          Block.of("0.0.0.0/8"),
          Block.of("10.0.0.0/8"),
          Block.of("100.64.0.0/10"),
          Block.of("127.0.0.0/8"),
          Block.of("169.254.0.0/16"),
          Block.of("172.16.0.0/12"),
          Block.of("192.0.0.0/24"),
          Block.of("192.0.2.0/24"),
          Block.of("192.88.99.0/24"),
          Block.of("192.168.0.0/16"),
          Block.of("198.18.0.0/15"),
          Block.of("198.51.100.0/24"),
          Block.of("203.0.113.0/24"),
          Block.of("224.0.0.0/3"));

  /** The only part of IPv6 that is given out for the internet, and what in it is not. */
  private static final Block GLOBAL = new Block(HexFormat.of().parseHex("20" + "00".repeat(15)), 3);

  private static final List<Block> BLOCKED_OF_GLOBAL =
      List.of(
          // 2001::/23 with Teredo, 2001:db8::/32, 2002::/16 (6to4), 3fff::/20, 5f00::/16 is not in
          // it
          new Block(HexFormat.of().parseHex("2001" + "00".repeat(14)), 23),
          new Block(HexFormat.of().parseHex("20010db8" + "00".repeat(12)), 32),
          new Block(HexFormat.of().parseHex("2002" + "00".repeat(14)), 16),
          new Block(HexFormat.of().parseHex("3fff" + "00".repeat(14)), 20));

  private record Block(byte[] prefix, int bits) {

    static Block of(String cidr) {
      var slash = cidr.indexOf('/');
      var parts = cidr.substring(0, slash).split("\\.", -1);
      var prefix = new byte[parts.length];
      for (int i = 0; i < parts.length; i++) {
        prefix[i] = (byte) Integer.parseInt(parts[i]);
      }
      return new Block(prefix, Integer.parseInt(cidr.substring(slash + 1)));
    }

    boolean has(byte[] address) {
      if (address.length != prefix.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        var mask = 0x80 >>> bit % Byte.SIZE;
        if (((address[bit / Byte.SIZE] ^ prefix[bit / Byte.SIZE]) & mask) != 0) {
          return false;
        }
      }
      return true;
    }
  }

  /** How names are looked up; another one in tests. */
  interface Lookup {
    InetAddress[] of(String host) throws UnknownHostException;
  }

  private final boolean loopbackAllowed;
  private final Lookup lookup;

  PublicAddresses(boolean loopbackAllowed) {
    this(loopbackAllowed, InetAddress::getAllByName);
  }

  PublicAddresses(boolean loopbackAllowed, Lookup lookup) {
    this.loopbackAllowed = loopbackAllowed;
    this.lookup = lookup;
  }

  /** A host of which one address is not allowed is refused as a whole. */
  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    var addresses = lookup.of(host);
    if (addresses.length == 0 || !Arrays.stream(addresses).allMatch(this::allowed)) {
      throw new RefusedAddressException(host);
    }
    return addresses;
  }

  @Override
  public @Nullable String resolveCanonicalHostname(String host) {
    return host;
  }

  private boolean allowed(InetAddress address) {
    return isPublic(address) || loopbackAllowed && address.isLoopbackAddress();
  }

  /** Whether all addresses of a host are this machine's own. */
  boolean isLoopback(String host) {
    try {
      return Arrays.stream(lookup.of(host)).allMatch(InetAddress::isLoopbackAddress);
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Whether an address is one of the public internet. IPv4 inside of IPv6 is taken for IPv4. */
  static boolean isPublic(InetAddress address) {
    return switch (address) {
      case Inet4Address four -> BLOCKED.stream().noneMatch(block -> block.has(four.getAddress()));
      case Inet6Address six ->
          GLOBAL.has(six.getAddress())
              && BLOCKED_OF_GLOBAL.stream().noneMatch(block -> block.has(six.getAddress()));
      default -> false;
    };
  }

  /** A host that must not be called. */
  static final class RefusedAddressException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    RefusedAddressException(String host) {
      super(String.format(Locale.ROOT, "%s has an address that is not allowed", host));
    }
  }
}
