package io.penstock.standalone.cli;

import io.penstock.standalone.cli.BarChart.Bar;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "balance",
    description = "Shows the balances of all accounts: debits less credits.",
    mixinStandardHelpOptions = true)
final class BalanceCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOptions server = new ServerOptions();

  @Option(
      names = "--organization",
      paramLabel = "ID",
      description = "Default: the organisation of the key.")
  private @Nullable String organization;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var out = spec.commandLine().getOut();
    try (var client = server.client()) {
      var answer =
          client.fetch(
              "/v1/billing/balances?" + UsageCommand.parameter("organization", organization));
      var bars = new ArrayList<Bar>();
      var sum = BigDecimal.ZERO;
      for (var account : answer.path("data")) {
        var balance = new BigDecimal(account.path("balance_usd").asText());
        sum = sum.add(balance);
        bars.add(
            new Bar(
                account.path("account").asText(), balance.abs(), balance.toPlainString() + " USD"));
      }
      out.println(
          "accounts of "
              + answer.path("organization").asText()
              + " after entry "
              + answer.path("sequence").asLong());
      BarChart.print(out, bars, Terminal.isThere());
      out.println("sum: " + sum.stripTrailingZeros().toPlainString() + " USD, which has to be 0");
      out.flush();
      return sum.signum() == 0 ? 0 : 1;
    }
  }
}
