package io.penstock.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PricesCommandTest {

  private static final String LIST =
      """
      {"gpt-5": {"input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05,
         "input_cost_per_token_flex": 6.25e-07, "input_cost_per_token_batches": 6.25e-07,
         "citation_cost_per_token": 1e-06},
       "claude": {"input_cost_per_token": 3e-06}}
      """;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void aListBecomesTheSectionOfACatalogueFile(@TempDir Path folder) throws IOException {
    var list = Files.writeString(folder.resolve("list.json"), LIST);

    var exit = run("prices", "import", "--from", "litellm", list.toString(), "--only", "gpt-*");

    assertThat(exit).isZero();
    assertThat(out)
        .hasToString(
            """
            prices: # USD per million
              - name: "gpt-5"
                source: "litellm gpt-5"
                batch-factor: "0.5"
                lines: {input_uncached: "1.25", output_text: "10"}
                tiers:
                  - {service-tier: flex, lines: {input_uncached: "0.625"}}
            """);
    assertThat(err).hasToString("not taken: 1 × fields citation_cost_per_token\n");
  }

  /** As a person runs it: tests are told by an option of their JVM which classes Avro may make. */
  @Test
  void aFileThatHasPoolsTooIsReadInAProcessOfItsOwn(@TempDir Path folder) throws Exception {
    var list = Files.writeString(folder.resolve("list.json"), LIST);
    var file =
        Files.writeString(
            folder.resolve("catalog.yaml"),
            "pools: [{name: a, provider: p, dialect: openai, base-url: 'http://127.0.0.1:9/v1'}]\n");
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "prices",
                "import",
                "--from",
                "litellm",
                list.toString(),
                "--out",
                file.toString())
            .redirectErrorStream(true)
            .start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains("2 prices written to");
  }

  @Test
  void led06AJumpFromWhatWasImportedBeforeIsRefusedAndTheFileStays(@TempDir Path folder)
      throws IOException {
    var list = Files.writeString(folder.resolve("list.json"), LIST);
    var file = folder.resolve("prices.yaml");
    String[] command = {
      "prices", "import", "--from", "litellm", list.toString(), "--out", file.toString()
    };
    assertThat(run(command)).isZero();
    var before = Files.readString(file);
    Files.writeString(list, LIST.replace("3e-06", "3e-05"));

    assertThat(run(command)).isNotZero();

    assertThat(err.toString())
        .contains("price/claude: input_uncached 3 → 30 (+900.0 %, a jump)")
        .contains("--allow-jumps");
    assertThat(Files.readString(file)).isEqualTo(before);

    command[5] = "-o";
    assertThat(run(append(command, "--allow-jumps"))).isZero();
    assertThat(Files.readString(file)).contains("\"30\"");
  }

  @Test
  void led06ABadListWritesNothing(@TempDir Path folder) throws IOException {
    var list = Files.writeString(folder.resolve("list.json"), LIST.replace("3e-06", "-3e-06"));
    var file = folder.resolve("prices.yaml");

    var exit = run("prices", "import", "--from", "litellm", list.toString(), "-o", file.toString());

    assertThat(exit).isNotZero();
    assertThat(err.toString()).contains("claude.input_cost_per_token: must not be below zero");
    assertThat(file).doesNotExist();
  }

  @Test
  void theLinesOfADifferenceStandBelowEachOther() {
    assertThat(
            PricesCommand.lines(
                "~ price/p: version 1 → 2, lines a 1 → 9 (+800.0 %, a jump); b + 2, source x → y"))
        .isEqualTo(
            """
            ~ price/p
                version 1 → 2
                lines a 1 → 9 (+800.0 %, a jump)
                b + 2
                source x → y""");
  }

  private static String[] append(String[] command, String more) {
    var all = java.util.Arrays.copyOf(command, command.length + 1);
    all[command.length] = more;
    return all;
  }

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
