package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.ingress.batches.BatchesConfig;
import io.penstock.ingress.http.MemoryShare;
import io.penstock.ingress.http.StreamLimits;
import io.penstock.ingress.sweep.SweepConfig;
import io.penstock.platform.config.ConfigException;
import io.penstock.platform.config.Section;
import java.time.Duration;
import org.apache.kafka.streams.state.HostInfo;
import org.junit.jupiter.api.Test;

final class IngressConfigTest {

  @Test
  void defaultsAreTheDocumentedOnes() {
    assertThat(IngressConfig.defaults())
        .isEqualTo(
            new IngressConfig(
                "127.0.0.1",
                8080,
                new HostInfo("127.0.0.1", 8080),
                10_485_760,
                536_870_912,
                200_000_000,
                Duration.ofMinutes(10),
                4096,
                MemoryShare.of(268_435_456),
                Duration.ofSeconds(30),
                268_435_456,
                new StreamLimits(
                    8_388_608,
                    MemoryShare.of(268_435_456),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(15)),
                BatchesConfig.defaults(),
                SweepConfig.of(Section.empty())));
  }

  @Test
  void errorsAreToldTogether() {
    var section =
        Section.parse(
            "{streams: {buffer-bytes-max: 2GiB, stall-max: 0s}, port: 70000, body-bytes-max: 1GiB, requests-open-bytes-max: 1KiB, colour: red}");
    IngressConfig.of(section);

    assertThatThrownBy(section::finish)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("port:")
        .hasMessageContaining("body-bytes-max: must be")
        .hasMessageContaining("requests-open-bytes-max: must hold")
        .hasMessageContaining("streams.buffers-bytes-max: must hold")
        .hasMessageContaining("streams.stall-max: must be longer")
        .hasMessageContaining("colour: unknown key");
  }
}
