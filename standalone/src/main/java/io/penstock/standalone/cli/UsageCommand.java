package io.penstock.standalone.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.standalone.cli.BarChart.Bar;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Locale;
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

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOptions server = new ServerOptions();

  @Option(
      names = "--by",
      paramLabel = "DIMENSION",
      defaultValue = "model",
      description =
          "day, project, team, key, model, pool, lane, surface, end_user or tag; default: ${DEFAULT-VALUE}.")
  private String by = "model";

  @Option(names = "--from", paramLabel = "DAY", description = "First day; default: 30 days ago.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "DAY", description = "Last day; default: today.")
  private @Nullable String to;

  @Option(
      names = "--organization",
      paramLabel = "ID",
      description = "Default: the organisation of the key.")
  private @Nullable String organization;

  @Option(names = "--json", description = "Prints the answer as it is.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var out = spec.commandLine().getOut();
    try (var client = server.client()) {
      var answer =
          client.fetch(
              "/v1/billing/usage?group_by="
                  + encoded(by)
                  + parameter("from", from)
                  + parameter("to", to)
                  + parameter("organization", organization));
      if (json) {
        out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(answer));
        out.flush();
        return 0;
      }
      var bars = new ArrayList<Bar>();
      var total = BigDecimal.ZERO;
      var requests = 0L;
      for (var row : answer.path("data")) {
        var charge = new BigDecimal(row.path("charge_usd").asText());
        total = total.add(charge);
        requests += row.path("requests").asLong();
        bars.add(
            new Bar(
                row.path(by).isNull() ? "(none)" : row.path(by).asText(),
                charge,
                String.format(
                    Locale.ROOT,
                    "%,9d requests %,12d in %,12d out %14s USD",
                    row.path("requests").asLong(),
                    row.path("input_tokens").asLong(),
                    row.path("output_tokens").asLong(),
                    charge.toPlainString())));
      }
      out.println(
          "charges of "
              + answer.path("organization").asText()
              + " by "
              + by
              + ", "
              + answer.path("from").asText()
              + " to "
              + answer.path("to").asText());
      BarChart.print(out, bars, Terminal.isThere());
      // a request with two tags is in two lines
      if (!by.equals("tag")) {
        out.println(
            String.format(
                Locale.ROOT, "total: %,d requests, %s USD", requests, total.toPlainString()));
      }
      out.flush();
      return 0;
    }
  }

  static String parameter(String name, @Nullable String value) {
    return value == null ? "" : "&" + name + "=" + encoded(value);
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
