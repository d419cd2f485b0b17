package io.penstock.ingress.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryShareTest {

  private static final long MIB = 1 << 20;

  @Test
  void bodiesNeverTakeMoreThanTheProcessHas() {
    assertThat(MemoryShare.within(256 * MIB, 384 * MIB)).isEqualTo(48 * MIB);
    assertThat(MemoryShare.within(256 * MIB, 16_384 * MIB)).isEqualTo(256 * MIB);
  }
}
