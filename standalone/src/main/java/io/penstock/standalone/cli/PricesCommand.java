package io.penstock.standalone.cli;

import io.penstock.ingress.catalog.CatalogFile;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.platform.config.ConfigException;
import io.penstock.standalone.client.ApiClient.Dry;
import io.penstock.standalone.client.ApiClient.Jumps;
import io.penstock.standalone.prices.NamePatterns;
import io.penstock.standalone.prices.PriceList;
import io.penstock.standalone.prices.PriceList.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "prices",
    description = "Imports price lists, and shows what a catalogue file would change.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class PricesCommand implements Runnable {

  private static final String PRICE = "price/";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which of import, diff?");
  }

  @Command(
      name = "import",
      description =
          "Writes the section prices of a catalogue file from a list that LiteLLM or genai-prices"
              + " publishes. A bad list is rejected whole.",
      mixinStandardHelpOptions = true)
  int importList(
      @Option(
              names = "--from",
              paramLabel = "FORMAT",
              required = true,
              converter = FormatName.class,
              description = "litellm or genai-prices.")
          Format format,
      @Parameters(paramLabel = "FILE", description = "The list, JSON.") Path file,
      @Option(
              names = "--only",
              paramLabel = "PATTERN",
              description = "Only models of such a name; * is anything. May be repeated.")
          @Nullable List<String> only,
      @Option(
              names = {"-o", "--out"},
              paramLabel = "FILE",
              description = "Where to write; default: standard output.")
          @Nullable Path out,
      @Option(
              names = "--allow-jumps",
              description = "Prices that the written file has already may change by over 90 %%.")
          boolean jumps)
      throws IOException {
    var patterns = only == null ? List.<String>of() : only;
    var list = PriceList.read(format, Files.readString(file), NamePatterns.any(patterns));
    var err = spec.commandLine().getErr();
    list.notes().forEach((what, count) -> err.println("not taken: " + count + " × " + what));
    if (out == null) {
      spec.commandLine().getOut().print(list.yaml());
    } else {
      if (Files.exists(out) && !jumps) {
        refuseJumps(Files.readString(out), list.yaml());
      }
      Files.writeString(out, list.yaml());
      err.println(list.names().size() + " prices written to " + out);
    }
    spec.commandLine().getOut().flush();
    err.flush();
    return 0;
  }

  /** Against what was imported before, as the catalogue would. */
  private static void refuseJumps(String before, String now) {
    var entries = new HashMap<String, io.penstock.schemas.avro.CatalogEntry>();
    for (var change :
        CatalogFile.parse(before, secret -> secret).changes(Catalog.EMPTY, Instant.EPOCH)) {
      if (change instanceof Change.Put put) {
        entries.put(put.key(), put.entry());
      }
    }
    try {
      CatalogFile.parse(now, secret -> secret).changes(new Catalog(entries), Instant.EPOCH);
    } catch (ConfigException e) {
      throw new ConfigException(e.getMessage() + "\nhere, --allow-jumps does");
    }
  }

  @Command(
      name = "diff",
      description =
          "Shows what a catalogue file would change of prices, line by line; applies nothing.",
      mixinStandardHelpOptions = true)
  int diff(
      @Mixin ServerOptions server,
      @Option(
              names = {"-f", "--file"},
              paramLabel = "FILE",
              required = true,
              description = "penstock.yaml")
          Path file)
      throws IOException, InterruptedException {
    var yaml = Objects.requireNonNull(UpCommand.read(file));
    var out = spec.commandLine().getOut();
    var changed = 0;
    try (var client = server.client()) {
      for (var change : client.apply(yaml, Dry.RUN, Jumps.ALLOWED).path("changes")) {
        var text = change.asText();
        if (text.startsWith(PRICE, 2)) {
          changed++;
          out.println(lines(text));
        }
      }
    }
    out.println(changed == 0 ? "no price changes" : changed + " prices change");
    out.flush();
    return 0;
  }

  /** The lines of a price below each other, as they are compared. */
  static String lines(String change) {
    // not within the brackets that say how much
    return change.replace(": version ", "\n    version ").replaceAll("; |, (?![^(]*\\))", "\n    ");
  }

  /** As the project writes its name. */
  static final class FormatName implements ITypeConverter<Format> {
    @Override
    public Format convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "litellm" -> Format.LITELLM;
        case "genai-prices" -> Format.GENAI_PRICES;
        default -> throw new TypeConversionException("must be litellm or genai-prices: " + value);
      };
    }
  }
}
