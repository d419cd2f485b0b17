package io.penstock.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.behaviour.Trait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The tables of {@code docs/simulator.md} are those of the code; {@code -Dpenstock.golden=write}
 * writes them.
 */
class SimulatorPageTest {
  private static final Path PAGE = Path.of("..", "docs", "simulator.md");

  @Test
  void thePageListsEveryFaultAndTrait() throws IOException {
    var page = Files.readString(PAGE);
    var wanted =
        filled(
            filled(
                page,
                "traits",
                head("Kind of answer")
                    + Arrays.stream(Trait.values())
                        .map(trait -> row(trait.wireName(), trait.description()))
                        .collect(Collectors.joining())),
            "faults",
            head("Fault")
                + Arrays.stream(Fault.values())
                    .map(fault -> row(fault.wireName(), fault.description()))
                    .collect(Collectors.joining()));
    if ("write".equals(System.getProperty("penstock.golden"))) {
      Files.writeString(PAGE, wanted);
      return;
    }

    assertThat(page)
        .as("docs/simulator.md is stale; run this test once with -Dpenstock.golden=write")
        .isEqualTo(wanted);
  }

  private static String head(String first) {
    return "\n| " + first + " | What happens |\n| --- | --- |\n";
  }

  private static String row(String name, String description) {
    return "| `" + name + "` | " + description + " |\n";
  }

  private static String filled(String page, String table, String rows) {
    var start = "<!-- " + table + ": written by SimulatorPageTest -->\n";
    int from = page.indexOf(start) + start.length();
    return page.substring(0, from)
        + rows
        + "\n"
        + page.substring(page.indexOf("<!-- end -->", from));
  }
}
