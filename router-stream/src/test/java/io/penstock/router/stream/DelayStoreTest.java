package io.penstock.router.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.platform.delay.DelayKey;
import io.penstock.platform.delay.DelayStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DelayStoreTest {

  @TempDir Path directory;

  private KeyValueStore<Bytes, byte[]> store;
  private DelayStore delays;

  @BeforeEach
  void open() {
    store =
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore("delays"), Serdes.Bytes(), Serdes.ByteArray())
            .withLoggingDisabled()
            .withCachingDisabled()
            .build();
    var context =
        new MockProcessorContext<Void, Void>(
            new Properties(),
            new org.apache.kafka.streams.processor.TaskId(0, 0),
            directory.toFile());
    store.init(context.getStateStoreContext(), store);
    delays = new DelayStore(store);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private List<String> fire(long now) {
    var fired = new ArrayList<String>();
    delays.fire(now, (id, value) -> fired.add(id + value.length));
    return fired;
  }

  @Test
  void recordsFireInTheOrderOfTheirTimesAndOnce() {
    delays.add(300, "c", new byte[3]);
    delays.add(100, "a", new byte[1]);
    delays.add(200, "b", new byte[2]);

    assertThat(fire(99)).isEmpty();
    assertThat(fire(200)).containsExactly("a1", "b2");
    assertThat(fire(250)).isEmpty();
    assertThat(fire(1000)).containsExactly("c3");
    assertThat(fire(1000)).isEmpty();
  }

  @Test
  void aRecordWhoseTimeHasPassedFiresNext() {
    fire(500);

    delays.add(100, "late", new byte[1]);

    assertThat(fire(501)).containsExactly("late1");
  }

  @Test
  void aClockThatGoesBackLosesNothing() {
    fire(500);

    delays.add(450, "a", new byte[1]);

    assertThat(fire(460)).isEmpty();
    assertThat(fire(501)).containsExactly("a1");
  }

  @Test
  void aRecordAddedWhileFiringIsNotLost() {
    delays.add(100, "first", new byte[1]);
    var fired = new ArrayList<String>();

    delays.fire(
        100,
        (id, value) -> {
          fired.add(id);
          if (id.equals("first")) {
            delays.add(100, "second", new byte[1]);
          }
        });
    delays.fire(101, (id, value) -> fired.add(id));

    assertThat(fired).containsExactly("first", "second");
  }

  @Test
  void aNewOwnerFiresWhatAnOldOneLeft() {
    delays.add(100, "a", new byte[1]);
    delays.add(900, "b", new byte[1]);

    delays = new DelayStore(store);

    assertThat(fire(500)).containsExactly("a1");
    assertThat(fire(900)).containsExactly("b1");
  }

  @Test
  void manyDueAtOnceFireInBoundedPortions() {
    for (int i = 0; i < 1_200; i++) {
      delays.add(i % 7, "r" + i, new byte[1]);
    }

    var first = fire(10);
    var second = fire(10);
    var third = fire(10);

    assertThat(first).hasSize(DelayStore.FIRED_MAX);
    assertThat(second).hasSize(DelayStore.FIRED_MAX);
    assertThat(third).hasSize(200);
    first.addAll(second);
    first.addAll(third);
    assertThat(first).doesNotHaveDuplicates();
  }

  @Test
  void theOrderOfKeysIsTheOrderOfTimes() {
    var early = new DelayKey(255, "z").bytes();
    var late = new DelayKey(256, "a").bytes();

    assertThat(early.compareTo(late)).isNegative();
    assertThat(DelayKey.of(late)).isEqualTo(new DelayKey(256, "a"));
  }
}
