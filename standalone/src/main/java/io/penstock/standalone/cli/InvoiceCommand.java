package io.penstock.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.standalone.cli.BarChart.Bar;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "invoice",
    description =
        "Shows the invoice of a month, or writes it as JSON, CSV or an HTML page to print.",
    mixinStandardHelpOptions = true)
final class InvoiceCommand implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** How the invoice is written. */
  enum Format {
    JSON,
    CSV,
    HTML
  }

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOptions server = new ServerOptions();

  @Parameters(paramLabel = "YYYY-MM", description = "The month, in UTC.")
  private String period = "";

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "json, csv or html; a table when absent.")
  private @Nullable Format format;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Writes to a file instead; its ending sets the format when that is absent.")
  private @Nullable Path output;

  @Option(
      names = "--organization",
      paramLabel = "ID",
      description = "Default: the organisation of the key.")
  private @Nullable String organization;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var out = spec.commandLine().getOut();
    var wanted = wanted();
    try (var client = server.client()) {
      var bytes =
          client.download(
              "/v1/billing/invoices/"
                  + UsageCommand.encoded(period)
                  + "?format="
                  + (wanted == null ? Format.JSON : wanted).name().toLowerCase(Locale.ROOT)
                  + UsageCommand.parameter("organization", organization));
      if (output != null) {
        Files.write(output, bytes);
        out.println("wrote " + output);
      } else if (wanted == null) {
        print(out, JSON.readTree(bytes));
      } else {
        out.print(new String(bytes, StandardCharsets.UTF_8));
      }
      out.flush();
      return 0;
    }
  }

  private @Nullable Format wanted() {
    if (format != null || output == null) {
      return format;
    }
    var name = output.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".csv") ? Format.CSV : name.endsWith(".html") ? Format.HTML : Format.JSON;
  }

  private static void print(PrintWriter out, JsonNode invoice) {
    out.println(
        "invoice "
            + invoice.path("id").asText()
            + " ("
            + invoice.path("status").asText()
            + ") for "
            + invoice.path("organization_name").asText());
    var bars = new ArrayList<Bar>();
    for (var line : invoice.path("lines")) {
      var name = line.path("model").asText() + " " + line.path("token_class").asText();
      bars.add(
          new Bar(
              line.path("corrects_period").isNull()
                  ? name
                  : name + " of " + line.path("corrects_period").asText(),
              new BigDecimal(line.path("amount_usd").asText()),
              String.format(
                  Locale.ROOT,
                  "%,14d at %9s/M %14s USD",
                  line.path("quantity").asLong(),
                  line.path("usd_per_million").asText(),
                  line.path("amount_usd").asText())));
    }
    BarChart.print(out, bars, Terminal.isThere());
    out.println(
        "total: "
            + invoice.path("total_usd").asText()
            + " USD, to pay: "
            + invoice.path("payable_usd").asText()
            + " USD");
  }
}
