package io.penstock.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.standalone.cli.Table.Kind;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
  @Mixin private OrganizationOption organization = new OrganizationOption();

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

  @Override
  public Integer call() throws IOException, InterruptedException {
    var out = spec.commandLine().getOut();
    var wanted = wanted();
    try (var client = server.client()) {
      var bytes =
          client.download(
              "/v1/billing/invoices/"
                  + OrganizationOption.encoded(period)
                  + "?format="
                  + (wanted == null ? Format.JSON : wanted).name().toLowerCase(Locale.ROOT)
                  + organization.parameter());
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
    if (invoice.path("lines").isEmpty()) {
      out.println("nothing was charged");
      return;
    }
    var table =
        new Table()
            .column("model", Kind.TEXT)
            .column("for", Kind.TEXT)
            .column("quantity", Kind.COUNT)
            .column("USD/million", Kind.AMOUNT)
            .column("exact USD", Kind.AMOUNT)
            .column("USD", Kind.AMOUNT);
    for (var line : invoice.path("lines")) {
      var quantity = line.path("quantity").asLong();
      table.line(
          amount(line, "amount_usd"),
          line.path("model").asText(),
          purpose(line),
          quantity == 0 ? "" : quantity,
          quantity == 0 ? "" : amount(line, "usd_per_million"),
          amount(line, "amount_usd"),
          amount(line, "payable_usd"));
    }
    var rounded = BigDecimal.ZERO;
    for (var line : invoice.path("lines")) {
      rounded = rounded.add(amount(line, "payable_usd"));
    }
    table.total("total", "", "", "", amount(invoice, "total_usd"), rounded);
    for (var credit : invoice.path("credits")) {
      table.total(
          "paid from credit " + credit.path("grant").asText(),
          "",
          "",
          "",
          amount(credit, "amount_usd").negate(),
          "");
    }
    table.total("to pay", "", "", "", "", amount(invoice, "payable_usd"));
    out.println();
    table.print(out, Terminal.isThere());
  }

  private static String purpose(JsonNode line) {
    var tokens = line.path("token_class").asText().replace('_', ' ');
    if (line.path("corrects_period").isNull()) {
      return tokens;
    }
    var of = " of " + line.path("corrects_period").asText();
    return tokens.equals("correction") ? tokens + of : tokens + ", correction" + of;
  }

  private static BigDecimal amount(JsonNode node, String name) {
    return new BigDecimal(node.path(name).asText());
  }
}
