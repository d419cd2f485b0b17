package io.penstock.standalone.demo;

import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.platform.money.Money;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** What a demo came to: counts of the batch, the books, and what the providers witness. */
record Summary(
    long lines,
    long completed,
    long failed,
    double seconds,
    Books.Totals books,
    Map<String, Books.Row> rows,
    Providers.Witness witness) {

  /** Debits equal credits, and every usage record that moves money was booked. */
  boolean balanced() {
    return books.debitsNanoUsd() == books.creditsNanoUsd()
        && books.debitsNanoUsd() > 0
        && books.entries() == books.bookable();
  }

  /** The providers' own count of tokens and money is ours, to the last nano-USD. */
  boolean agrees() {
    return witness.inputTokens() == books.inputTokens()
        && witness.outputTokens() == books.outputTokens()
        && Money.ofUsd(witness.costUsd().toPlainString()).nanoUsd() == books.costNanoUsd();
  }

  double linesPerSecond() {
    return seconds == 0 ? 0 : lines / seconds;
  }

  void write(Path file) throws IOException {
    var mapper = new ObjectMapper();
    var json = mapper.createObjectNode();
    json.put("lines", lines);
    json.put("completed", completed);
    json.put("failed", failed);
    json.put("seconds", Math.round(seconds * 1000) / 1000.0);
    json.put("lines_per_second", Math.round(linesPerSecond() * 10) / 10.0);
    json.put("provider_calls", books.calls());
    json.put("retries", books.retries());
    json.put("failovers", books.failovers());
    json.put("duplicate_calls", witness.duplicates());
    json.put("input_tokens", books.inputTokens());
    json.put("output_tokens", books.outputTokens());
    json.put("charge_usd", new Money(books.chargeNanoUsd()).usd());
    json.put("cost_usd", new Money(books.costNanoUsd()).usd());
    json.putObject("estimated")
        .put("calls", books.estimatedCalls())
        .put("cost_usd", new Money(books.estimatedCostNanoUsd()).usd());
    json.putObject("ledger")
        .put("entries", books.entries())
        .put("debits_nano_usd", books.debitsNanoUsd())
        .put("credits_nano_usd", books.creditsNanoUsd())
        .put("balanced", balanced());
    json.putObject("witness")
        .put("calls", witness.calls())
        .put("served", witness.served())
        .put("input_tokens", witness.inputTokens())
        .put("output_tokens", witness.outputTokens())
        .put("cost_usd", Money.ofUsd(witness.costUsd().toPlainString()).usd())
        .put("agrees", agrees());
    mapper.writer(new DefaultPrettyPrinter()).writeValue(file.toFile(), json);
  }

  void print(PrintWriter out) {
    out.println();
    out.printf(
        Locale.ROOT,
        "  %-10s %-10s %-14s %9s %8s %13s %13s %14s%n",
        "model",
        "provider",
        "served by",
        "calls",
        "failed",
        "input tokens",
        "output tokens",
        "cost USD");
    rows.forEach(
        (name, row) -> {
          var parts = name.split("\t", -1);
          out.printf(
              Locale.ROOT,
              "  %-10s %-10s %-14s %,9d %,8d %,13d %,13d %14s%n",
              parts[0],
              parts[1],
              parts[2],
              row.calls,
              row.failed,
              row.inputTokens,
              row.outputTokens,
              new Money(row.costNanoUsd).usd());
        });
    out.println();
    out.printf(
        Locale.ROOT,
        "  %,d lines in %.1f s (%,.0f lines/s): %,d completed, %,d failed%n",
        lines,
        seconds,
        linesPerSecond(),
        completed,
        failed);
    out.printf(
        Locale.ROOT,
        "  %,d calls, %,d retries, %,d failovers, %,d answered twice%n",
        books.calls(),
        books.retries(),
        books.failovers(),
        witness.duplicates());
    out.printf(
        Locale.ROOT,
        "  charged $%s, cost $%s%n",
        new Money(books.chargeNanoUsd()).usd(),
        new Money(books.costNanoUsd()).usd());
    if (books.estimatedCalls() > 0) {
      out.printf(
          Locale.ROOT,
          "  plus $%s estimated for %,d answers that broke off, which a provider may bill%n",
          new Money(books.estimatedCostNanoUsd()).usd(),
          books.estimatedCalls());
    }
    out.printf(
        Locale.ROOT,
        "  ledger   %,d entries, debits %s, credits %s: %s%n",
        books.entries(),
        new Money(books.debitsNanoUsd()).usd(),
        new Money(books.creditsNanoUsd()).usd(),
        balanced() ? "balanced" : ledgerFault());
    out.printf(
        Locale.ROOT,
        "  witness  %,d calls, %,d served, cost $%s by the providers' own logs: %s%n",
        witness.calls(),
        witness.served(),
        Money.ofUsd(witness.costUsd().toPlainString()).usd(),
        agrees() ? "agrees to the last nano-USD" : "DOES NOT AGREE");
    out.println();
    out.flush();
  }

  private String ledgerFault() {
    return books.entries() == books.bookable()
        ? "NOT BALANCED"
        : String.format(Locale.ROOT, "NOT COMPLETE, %,d usage records to book", books.bookable());
  }
}
