package io.penstock.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.platform.config.ConfigException;
import io.penstock.platform.config.Section;
import java.time.Duration;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

class RouterConfigTest {

  @Test
  void nothingSaidMeansTheDefaults() {
    assertThat(RouterConfig.of(Section.empty())).isEqualTo(RouterConfig.DEFAULTS);
  }

  @Test
  void everyKeyIsRead() {
    var root =
        Section.parse(
            """
            threads: 2
            commit-interval: 250ms
            request-memory: 2h
            deadline-grace: 5s
            answer-memory: 48h
            """);

    var config = RouterConfig.of(root);
    root.finish();

    assertThat(config)
        .isEqualTo(
            new RouterConfig(
                2,
                Duration.ofMillis(250),
                Duration.ofHours(2),
                Duration.ofSeconds(5),
                Duration.ofHours(48)));
  }

  @Test
  void anUnknownKeyAndAWrongValueAreBothReported() {
    var root = Section.parse("{threads: none, colour: red}");
    RouterConfig.of(root);

    assertThatThrownBy(root::finish)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("threads")
        .hasMessageContaining("colour: unknown key");
  }

  @Test
  void aProcessThatComesBackUnderItsNameIsTheSameMember() {
    var settings = RouterService.settings("node-1", RouterConfig.DEFAULTS);

    assertThat(settings)
        .containsEntry("main.consumer.group.instance.id", "router-node-1")
        .containsEntry("main.consumer.session.timeout.ms", 6000)
        .containsEntry(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100L);
  }
}
