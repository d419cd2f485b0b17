package io.penstock.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.billing.ledger.LedgerAudit.Findings;
import io.penstock.billing.verify.LedgerVerification;
import io.penstock.platform.kafka.KafkaClients;
import io.penstock.platform.kafka.KafkaSettings;
import io.penstock.platform.money.Money;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.BalanceChanged;
import io.penstock.standalone.broker.EmbeddedBroker;
import io.penstock.standalone.client.ApiClient;
import io.penstock.standalone.registry.RegistryProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "ledger",
    description = "Checks the books.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class LedgerCommand implements Runnable {

  private static final String TIMEOUT_MS = "8000";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command? There is: verify");
  }

  @Command(
      name = "verify",
      description = {
        "Rebuilds all balances from the topics usage and ledger, and compares them with the topic balances and the API.",
        "Exits with 1 and the first difference when something is wrong."
      },
      mixinStandardHelpOptions = true)
  int verify(
      @Mixin ServerOptions server,
      @Option(
              names = "--bootstrap-servers",
              paramLabel = "HOST:PORT",
              description = "Brokers of a cluster; by default the broker of the data directory.")
          @Nullable String brokers,
      @Option(
              names = "--registry",
              paramLabel = "URL",
              description = "Schema registry; by default that of the data directory.")
          @Nullable String registry,
      @Option(
              names = "--topic-prefix",
              paramLabel = "PREFIX",
              defaultValue = Topics.DEFAULT_PREFIX,
              description = "Default: ${DEFAULT-VALUE}")
          String prefix)
      throws IOException, InterruptedException {
    var clients = new KafkaClients(settings(server, brokers, registry, prefix));
    try (var client = server.client()) {
      var findings =
          new LedgerVerification(clients, organization -> balances(client, organization)).run();
      return print(spec.commandLine().getOut(), findings);
    }
  }

  private static KafkaSettings settings(
      ServerOptions server, @Nullable String brokers, @Nullable String registry, String prefix) {
    var client = new HashMap<String, String>();
    if (brokers == null) {
      client.putAll(EmbeddedBroker.clientProperties(server.data().resolve("kafka")));
    }
    var bootstrap = brokers == null ? client.getOrDefault("bootstrap.servers", "") : brokers;
    client.remove("bootstrap.servers");
    client.put("default.api.timeout.ms", TIMEOUT_MS);
    client.put("request.timeout.ms", TIMEOUT_MS);
    var url =
        registry != null
            ? registry
            : RegistryProcess.urlOf(server.data().resolve("registry"))
                .orElseThrow(
                    () ->
                        new IllegalStateException(
                            "no schema registry below "
                                + server.data()
                                + ": name one with --registry"));
    return new KafkaSettings(bootstrap, client, prefix, 1, (short) 1, url, Map.of());
  }

  private static List<BalanceChanged> balances(ApiClient client, String organization)
      throws IOException, InterruptedException {
    var answer =
        client.fetch(
            "/v1/billing/balances?organization="
                + URLEncoder.encode(organization, StandardCharsets.UTF_8));
    var balances = new ArrayList<BalanceChanged>();
    for (var account : answer.path("data")) {
      balances.add(balance(organization, account));
    }
    return balances;
  }

  private static BalanceChanged balance(String organization, JsonNode account) {
    return BalanceChanged.newBuilder()
        .setOrganization(organization)
        .setAccount(account.path("account").asText())
        .setCurrency("USD")
        .setDebitsNanoUsd(Long.parseLong(account.path("debits_nano_usd").asText()))
        .setCreditsNanoUsd(Long.parseLong(account.path("credits_nano_usd").asText()))
        .setSequence(account.path("sequence").asLong())
        .setAt(Instant.parse(account.path("booked_at").asText()))
        .build();
  }

  static int print(PrintWriter out, Findings findings) {
    row(out, "usage records", findings.usageRecords());
    row(out, "  of these repeated", findings.usageRepeated());
    row(out, "ledger entries", findings.entries());
    row(out, "  of these before the hash chain", findings.unchained());
    row(out, "accounts rebuilt", findings.accounts());
    row(out, "balances compared", findings.balancesCompared());
    findings
        .debits()
        .forEach(
            (currency, debits) -> {
              out.printf(
                  Locale.ROOT, "%-32s %20s%n", "debits " + currency, new Money(debits).usd());
              out.printf(
                  Locale.ROOT,
                  "%-32s %20s%n",
                  "credits " + currency,
                  new Money(findings.credits().getOrDefault(currency, 0L)).usd());
            });
    var right = findings.differences().isEmpty();
    out.println(
        right
            ? "The ledger is right: rebuilt balances are equal, the hash chain holds, clearing is zero."
            : "The ledger is WRONG: " + findings.differences().getFirst());
    out.flush();
    return right ? 0 : 1;
  }

  private static void row(PrintWriter out, String name, long count) {
    out.printf(Locale.ROOT, "%-32s %,20d%n", name, count);
  }
}
