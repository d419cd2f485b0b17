package io.penstock.router.stream;

import java.time.Duration;
import org.apache.kafka.streams.TopologyTestDriver;

/** Time that passes second by second, as where nothing stands still. */
final class Passing {

  private Passing() {}

  static void pass(TopologyTestDriver driver, Duration time) {
    for (var left = time; left.isPositive(); left = left.minusSeconds(1)) {
      driver.advanceWallClockTime(Duration.ofSeconds(1));
    }
  }
}
