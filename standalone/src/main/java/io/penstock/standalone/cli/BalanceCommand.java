package io.penstock.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.standalone.cli.Table.Kind;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "balance",
    description = "Shows the balances of all accounts, and what is left of credit.",
    mixinStandardHelpOptions = true)
final class BalanceCommand implements Callable<Integer> {

  private static final int NANO = 9;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOptions server = new ServerOptions();
  @Mixin private OrganizationOption organization = new OrganizationOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    var out = spec.commandLine().getOut();
    try (var client = server.client()) {
      var answer = client.fetch("/v1/billing/balances?" + organization.parameter());
      out.println(
          "accounts of "
              + answer.path("organization").asText()
              + " after entry "
              + answer.path("sequence").asLong());
      out.println();
      var sum = accounts(out, answer.path("data"));
      if (!answer.path("credits").isEmpty()) {
        out.println();
        CreditsCommand.table(answer.path("credits"), Map.of()).print(out, Terminal.isThere());
      }
      out.flush();
      return sum.signum() == 0 ? 0 : 1;
    }
  }

  /** Returns the sum of all balances, which has to be zero. */
  private static BigDecimal accounts(PrintWriter out, JsonNode accounts) {
    var table =
        new Table()
            .column("account", Kind.TEXT)
            .column("debits USD", Kind.AMOUNT)
            .column("credits USD", Kind.AMOUNT)
            .column("balance USD", Kind.AMOUNT);
    var debits = BigDecimal.ZERO;
    var credits = BigDecimal.ZERO;
    for (var account : accounts) {
      var debit = BigDecimal.valueOf(account.path("debits_nano_usd").asLong(), NANO);
      var credit = BigDecimal.valueOf(account.path("credits_nano_usd").asLong(), NANO);
      var balance = debit.subtract(credit);
      debits = debits.add(debit);
      credits = credits.add(credit);
      table.line(balance.abs(), account.path("account").asText(), debit, credit, balance);
    }
    var sum = debits.subtract(credits);
    table.total(sum.signum() == 0 ? "balanced" : "NOT BALANCED", debits, credits, sum);
    table.print(out, Terminal.isThere());
    return sum;
  }
}
