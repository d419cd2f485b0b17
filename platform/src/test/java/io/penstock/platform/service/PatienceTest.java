package io.penstock.platform.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

final class PatienceTest {

  @Test
  void whatComesUpLaterIsWaitedFor() throws Exception {
    var tries = new AtomicInteger();

    Patience.until(
        Duration.ofSeconds(30),
        () -> {
          if (tries.incrementAndGet() == 1) {
            throw new UncheckedIOException("no registry", new IOException());
          }
          if (tries.get() == 2) {
            throw new IllegalStateException("no broker", new TimeoutException());
          }
        });

    assertThat(tries).hasValue(3);
  }

  @Test
  void whatIsWrongForGoodFailsAtOnce() {
    var tries = new AtomicInteger();

    assertThatThrownBy(
            () ->
                Patience.until(
                    Duration.ofSeconds(30),
                    () -> {
                      tries.incrementAndGet();
                      throw new IllegalStateException("incompatible");
                    }))
        .hasMessage("incompatible");
    assertThat(tries).hasValue(1);
  }

  @Test
  void patienceEnds() {
    assertThatThrownBy(
            () ->
                Patience.until(
                    Duration.ZERO,
                    () -> {
                      throw new UncheckedIOException("no registry", new IOException());
                    }))
        .hasMessage("no registry");
  }
}
