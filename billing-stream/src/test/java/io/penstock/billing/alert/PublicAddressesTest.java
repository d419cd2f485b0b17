package io.penstock.billing.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.billing.alert.PublicAddresses.RefusedAddressException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PublicAddressesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.8.9.10",
        "2130706433",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.178.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:a9fe:a9fe",
        "::10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1"
      })
  void noAddressOfOurOwnNetworkIsCalled(String host) {
    var addresses = new PublicAddresses(false);

    assertThatThrownBy(() -> addresses.resolve(host)).isInstanceOf(UnknownHostException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "172.32.0.1",
        "192.167.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450:4001:80b::200e"
      })
  void addressesOfTheInternetAreCalled(String host) throws UnknownHostException {
    assertThat(new PublicAddresses(false).resolve(host)).hasSize(1);
  }

  @Test
  void aNameWithOneAddressOfOursAmongOthersIsRefused() throws UnknownHostException {
    InetAddress[] mixed = {InetAddress.getByName("1.1.1.1"), InetAddress.getByName("10.0.0.1")};
    var addresses = new PublicAddresses(false, _ -> mixed);

    assertThatThrownBy(() -> addresses.resolve("rebinding.example"))
        .isInstanceOf(RefusedAddressException.class)
        .hasMessage("rebinding.example has an address that is not allowed");
  }

  @Test
  void loopbackIsCalledWhereItIsAllowedAndNothingElseOfOurs() throws UnknownHostException {
    var addresses = new PublicAddresses(true);

    assertThat(addresses.resolve("127.0.0.1")).hasSize(1);
    assertThat(addresses.isLoopback("127.0.0.1")).isTrue();
    assertThat(addresses.isLoopback("10.0.0.1")).isFalse();
    assertThatThrownBy(() -> addresses.resolve("10.0.0.1"))
        .isInstanceOf(RefusedAddressException.class);
  }
}
