package io.penstock.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class LastWordsTest {

  @Test
  void aFullDiskIsNamedAsTheCauseWhateverKafkaSays() {
    assertThat(LastWords.line(Path.of("data"), "Kafka asked to halt with status 1", 4096))
        .isEqualTo(
            "the disk of data is full (4096 bytes are free), so the log cannot be written: make"
                + " space and start again. What was accepted is kept.");
  }

  @Test
  void anyOtherEndOfTheBrokerIsTold() {
    assertThat(LastWords.line(Path.of("data"), "Kafka asked to halt with status 1", 1L << 30))
        .isEqualTo(
            "the log in data cannot go on (Kafka asked to halt with status 1; the log lines above"
                + " say more): start again. What was accepted is kept.");
  }
}
