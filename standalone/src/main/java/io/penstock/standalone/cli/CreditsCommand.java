package io.penstock.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.standalone.cli.Table.Kind;
import io.penstock.standalone.client.ApiClientException;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "credits",
    description = "Adds credit to an organisation, and shows what is left of it.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class CreditsCommand implements Runnable {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which of add, list?");
  }

  @Command(
      name = "add",
      description = {
        "Adds credit. The same ID with the same content again changes nothing, so it can be"
            + " repeated",
        "when it is not clear whether it was done. Needs a super administrator's key."
      },
      mixinStandardHelpOptions = true)
  int add(
      @Mixin ServerOptions server,
      @Parameters(paramLabel = "ORGANIZATION", description = "Who gets it.") String organization,
      @Parameters(paramLabel = "USD", description = "How much, such as 250 or 12.50.")
          String amount,
      @Option(
              names = "--id",
              paramLabel = "ID",
              required = true,
              description = "Names it, such as the number of the order; once an organisation.")
          String id,
      @Option(
              names = "--priority",
              paramLabel = "N",
              description = "Credit of a lower one is used first; default: 0.")
          @Nullable Integer priority,
      @Option(
              names = "--expires-at",
              paramLabel = "TIME",
              description = "Such as 2027-01-01T00:00:00Z; never when absent.")
          @Nullable String expiresAt,
      @Option(names = "--gift", description = "It was not paid for.") boolean gift,
      @Option(names = "--note", paramLabel = "TEXT", description = "For people.")
          @Nullable String note)
      throws IOException, InterruptedException {
    var body = JSON.createObjectNode().put("id", id).put("amount_usd", amount).put("paid", !gift);
    if (priority != null) {
      body.put("priority", priority);
    }
    if (expiresAt != null) {
      body.put("expires_at", expiresAt);
    }
    if (note != null) {
      body.put("note", note);
    }
    try (var client = server.client()) {
      var credit = client.post(path(organization), body);
      var out = spec.commandLine().getOut();
      out.println(
          organization
              + " has the credit "
              + credit.path("id").asText()
              + " of "
              + credit.path("amount_usd").asText()
              + " USD");
      out.flush();
      return 0;
    }
  }

  @Command(
      name = "list",
      description = "Lists the credit of an organisation in the order in which it is used.",
      mixinStandardHelpOptions = true)
  int list(
      @Mixin ServerOptions server,
      @Parameters(paramLabel = "ORGANIZATION", description = "Whose.") String organization,
      @Option(names = "--json", description = "Prints the answer as it is.") boolean json)
      throws IOException, InterruptedException {
    var out = spec.commandLine().getOut();
    try (var client = server.client()) {
      var credits = client.fetch(path(organization));
      if (json) {
        out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(credits));
        out.flush();
        return 0;
      }
      var balances =
          client.fetch(
              "/v1/billing/balances?organization=" + OrganizationOption.encoded(organization));
      print(out, organization, credits, balances.path("credits"));
      return 0;
    }
  }

  private static String path(String organization) {
    if (organization.isBlank()) {
      throw new ApiClientException("which organisation? its id is in the catalogue");
    }
    return "/v1/admin/organizations/" + OrganizationOption.encoded(organization) + "/credits";
  }

  private static void print(PrintWriter out, String organization, JsonNode credits, JsonNode uses) {
    out.println(
        credits.path("prepaid").asBoolean()
            ? organization + " is prepaid: without credit its requests are refused"
            : organization
                + " is not prepaid: requests do not use its credit until `prepaid: true` is in the"
                + " catalogue");
    if (uses.isEmpty()) {
      out.println("it has no credit; add some with `penstock credits add`");
      out.flush();
      return;
    }
    out.println();
    table(uses, notes(credits.path("data"))).print(out, Terminal.isThere());
    out.flush();
  }

  private static Map<String, String> notes(JsonNode credits) {
    var notes = new HashMap<String, String>();
    for (var credit : credits) {
      notes.put(
          credit.path("id").asText(),
          (credit.path("paid").asBoolean() ? "" : "gift ") + credit.path("note").asText(""));
    }
    return notes;
  }

  /** The table of what was granted and used; shared with the balances. */
  static Table table(JsonNode uses, Map<String, String> notes) {
    var table = new Table().column("credit", Kind.TEXT).column("expires", Kind.TEXT);
    if (!notes.isEmpty()) {
      table.column("note", Kind.TEXT);
    }
    table
        .column("amount USD", Kind.AMOUNT)
        .column("used USD", Kind.AMOUNT)
        .column("left USD", Kind.AMOUNT);
    for (var use : uses) {
      var left = new BigDecimal(use.path("left_usd").asText());
      var cells = new ArrayList<Object>(List.of(use.path("grant").asText(), expiry(use)));
      if (!notes.isEmpty()) {
        cells.add(notes.getOrDefault(use.path("grant").asText(), "").strip());
      }
      cells.add(use.has("amount_usd") ? new BigDecimal(use.path("amount_usd").asText()) : "");
      cells.add(new BigDecimal(use.path("used_usd").asText()));
      cells.add(left);
      table.line(left, cells.toArray());
    }
    return table;
  }

  private static String expiry(JsonNode use) {
    if (use.hasNonNull("expires_at")) {
      return use.path("expires_at").asText();
    }
    return use.has("amount_usd") ? "never" : "(removed)";
  }
}
