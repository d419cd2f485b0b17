package io.penstock.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.standalone.cli.Table.Kind;
import io.penstock.standalone.client.ApiClientException;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "usage",
    description = "Shows what was used and charged, as a chart.",
    mixinStandardHelpOptions = true)
final class UsageCommand implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> COUNTS = List.of("requests", "input_tokens", "output_tokens");
  private static final List<String> AMOUNTS =
      List.of("charge_usd", "list_usd", "cost_usd", "margin_usd");

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOptions server = new ServerOptions();
  @Mixin private OrganizationOption organization = new OrganizationOption();

  @Option(
      names = "--by",
      paramLabel = "DIMENSION",
      defaultValue = "model",
      description =
          "day, project, team, key, model, pool, lane, surface, end_user, tag, price_rule or flag;"
              + " default: ${DEFAULT-VALUE}.")
  private String by = "model";

  @Option(names = "--from", paramLabel = "DAY", description = "First day; default: 30 days ago.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "DAY", description = "Last day; default: today.")
  private @Nullable String to;

  @Option(names = "--margin", description = "Shows costs, list prices and margins too.")
  private boolean margin;

  @Option(names = "--json", description = "Prints the answer as it is.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var out = spec.commandLine().getOut();
    try (var client = server.client()) {
      var answer =
          client.fetch(
              "/v1/billing/usage?group_by="
                  + OrganizationOption.encoded(by)
                  + OrganizationOption.parameter("from", from)
                  + OrganizationOption.parameter("to", to)
                  + organization.parameter());
      if (json) {
        out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(answer));
        out.flush();
        return 0;
      }
      if (margin && !answer.path("data").isEmpty() && !answer.at("/data/0").has("cost_usd")) {
        throw new ApiClientException(
            "cost and margin are shown to super administrators only: leave out --margin, or give"
                + " such a key with --key");
      }
      print(out, answer);
      return 0;
    }
  }

  private void print(PrintWriter out, JsonNode answer) {
    out.println(
        "charges of "
            + answer.path("organization").asText()
            + " by "
            + by
            + ", "
            + answer.path("from").asText()
            + " to "
            + answer.path("to").asText());
    if (answer.path("data").isEmpty()) {
      out.println(
          "nothing was used; --organization names another organisation, --from an earlier day");
      out.flush();
      return;
    }
    var table = table();
    for (var row : rows(answer)) {
      table.line(amount(row, "charge_usd"), cells(name(row), row).toArray());
    }
    // a request with two tags is in two lines
    if (!by.equals("tag") && !by.equals("flag")) {
      table.total(cells("total", sum(answer.path("data"))).toArray());
    }
    out.println();
    table.print(out, Terminal.isThere());
    out.flush();
  }

  private Table table() {
    var table =
        new Table()
            .column(by, Kind.TEXT)
            .column("requests", Kind.COUNT)
            .column("tokens in", Kind.COUNT)
            .column("tokens out", Kind.COUNT)
            .column("charge USD", Kind.AMOUNT);
    if (margin) {
      table
          .column("at list USD", Kind.AMOUNT)
          .column("cost USD", Kind.AMOUNT)
          .column("margin USD", Kind.AMOUNT);
    }
    return table;
  }

  private List<Object> cells(String name, JsonNode row) {
    var cells = new ArrayList<Object>();
    cells.add(name);
    for (var count : COUNTS) {
      cells.add(row.path(count).asLong());
    }
    for (var amount : margin ? AMOUNTS : AMOUNTS.subList(0, 1)) {
      cells.add(amount(row, amount));
    }
    return cells;
  }

  /** Days in their order, without gaps; of all else what was charged most first. */
  private List<JsonNode> rows(JsonNode answer) {
    var rows = new ArrayList<JsonNode>();
    answer.path("data").forEach(rows::add);
    if (!by.equals("day")) {
      rows.sort(Comparator.comparing((JsonNode row) -> amount(row, "charge_usd")).reversed());
      return rows;
    }
    var days = new TreeMap<LocalDate, JsonNode>();
    rows.forEach(row -> days.put(LocalDate.parse(row.path(by).asText()), row));
    for (var day = days.firstKey(); day.isBefore(days.lastKey()); day = day.plusDays(1)) {
      days.putIfAbsent(day, JSON.createObjectNode().put(by, day.toString()));
    }
    return List.copyOf(days.values());
  }

  private static JsonNode sum(JsonNode rows) {
    var sum = JSON.createObjectNode();
    for (var count : COUNTS) {
      var total = 0L;
      for (var row : rows) {
        total = Math.addExact(total, row.path(count).asLong());
      }
      sum.put(count, total);
    }
    for (var amount : AMOUNTS) {
      var total = BigDecimal.ZERO;
      for (var row : rows) {
        total = total.add(amount(row, amount));
      }
      sum.put(amount, total.toPlainString());
    }
    return sum;
  }

  private String name(JsonNode row) {
    var name = row.path(by);
    return name.isNull() || name.asText().isEmpty() ? "(none)" : name.asText();
  }

  private static BigDecimal amount(JsonNode row, String name) {
    return row.path(name).isMissingNode()
        ? BigDecimal.ZERO
        : new BigDecimal(row.path(name).asText());
  }
}
