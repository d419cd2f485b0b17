package io.penstock.router.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoundTest {

  private final KeyValueStore<String, byte[]> store =
      Stores.keyValueStoreBuilder(
              Stores.inMemoryKeyValueStore("swept"), Serdes.String(), Serdes.ByteArray())
          .withLoggingDisabled()
          .build();
  private final Round round = new Round(store, 3);

  @BeforeEach
  void open() {
    store.init(new MockProcessorContext<Void, Void>().getStateStoreContext(), store);
    for (var key : List.of("a", "b", "c", "d", "e")) {
      store.put(key, key.getBytes(StandardCharsets.UTF_8));
    }
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void aSweepGoesOnWhereTheLastOneEndedAndThenBeginsAnew() {
    assertThat(seen()).containsExactly("a", "b", "c");
    assertThat(seen()).containsExactly("d", "e");
    assertThat(seen()).containsExactly("a", "b", "c");
  }

  @Test
  void whatIsOverGoesAndIsHandedBack() {
    var gone = round.sweep((key, _) -> !key.equals("b"));

    assertThat(gone)
        .extracting(value -> new String(value, StandardCharsets.UTF_8))
        .containsExactly("a", "c");
    assertThat(store.get("a")).isNull();
    assertThat(store.get("b")).isNotNull();
  }

  private List<String> seen() {
    var keys = new ArrayList<String>();
    round.sweep(
        (key, _) -> {
          keys.add(key);
          return false;
        });
    return keys;
  }
}
