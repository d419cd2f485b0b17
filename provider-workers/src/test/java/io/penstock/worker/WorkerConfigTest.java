package io.penstock.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.platform.config.ConfigException;
import io.penstock.platform.config.Section;
import io.penstock.worker.engine.EngineSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WorkerConfigTest {

  @Test
  void nothingConfiguredMeansTheStandard() {
    var config = WorkerConfig.standard();

    assertThat(config)
        .isEqualTo(
            new WorkerConfig(EngineSettings.standard(), 10_000, 32 << 20, Duration.ofSeconds(5)));
  }

  @Test
  void everyKeyIsRead() {
    var section =
        Section.parse(
            """
            worker:
              drain: 1s
              hand-over: 2s
              commit-interval: 3ms
              commit-refresh: 4s
              buffer-records: 5
              buffer-bytes-max: 6KiB
              window-offsets-max: 7
              metadata-characters-max: 80
              interactive-patience: 9s
              batch-patience: 10s
              stream-bytes-max: 14KiB
              connections-max: 11
              body-bytes-max: 12MiB
              connect-timeout: 13s
            """);

    var config = WorkerConfig.of(section);

    section.finish();
    assertThat(config)
        .isEqualTo(
            new WorkerConfig(
                new EngineSettings(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(2),
                    Duration.ofMillis(3),
                    Duration.ofSeconds(4),
                    5,
                    6 << 10,
                    7,
                    80,
                    Duration.ofSeconds(9),
                    Duration.ofSeconds(10),
                    14 << 10),
                11,
                12 << 20,
                Duration.ofSeconds(13)));
  }

  @Test
  void anUnknownKeyIsRefused() {
    var section = Section.parse("worker: {drian: 1s}");
    WorkerConfig.of(section);

    assertThatThrownBy(section::finish)
        .isInstanceOf(ConfigException.class)
        .hasMessage("worker.drian: unknown key");
  }
}
