package io.penstock.standalone.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.utils.Exit;
import org.junit.jupiter.api.Test;

class FaultsTest {
  private final List<String> reasons = new CopyOnWriteArrayList<>();
  private final Faults faults = new Faults(reasons::add);

  @Test
  void whenKafkaWouldHaltTheListenerIsToldOnce() {
    faults.takeOverExit();
    try {
      Exit.halt(1, "all log directories failed");
      Exit.exit(3);
    } finally {
      faults.release();
    }

    await()
        .untilAsserted(
            () ->
                assertThat(reasons)
                    .containsExactly(
                        "Kafka asked to halt with status 1: all log directories failed"));
  }

  @Test
  void aFatalFaultIsPassedOnAndAnotherIsNot() {
    faults.build("metadata publishing", false, () -> {}).handleFault("harmless");
    faults.build("metadata loading", true, () -> {}).handleFault("fatal");

    await().untilAsserted(() -> assertThat(reasons).containsExactly("metadata loading: fatal"));
  }

  @Test
  void whatFollowsFromStoppingIsNotPassedOn() {
    faults.silence();

    faults.build("metadata loading", true, () -> {}).handleFault("fatal");

    assertThat(reasons).isEmpty();
  }
}
