package io.penstock.standalone.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.platform.money.Money;
import io.penstock.standalone.broker.FatalListener;
import io.penstock.standalone.client.ApiClient;
import io.penstock.standalone.client.BatchWatch;
import io.penstock.standalone.client.Progress;
import io.penstock.standalone.client.ProgressBar;
import io.penstock.standalone.node.Node;
import io.penstock.standalone.node.NodeConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.function.Function;

/**
 * The main job, end to end: a batch file in over HTTP, priced results out, checked against the
 * providers' call logs.
 */
public final class Demo {

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration BOOKS_SILENCE_MAX = Duration.ofSeconds(30);
  private static final Duration BOOKS_POLL = Duration.ofMillis(500);

  private final DemoConfig config;
  private final PrintWriter out;
  private final Function<Path, FatalListener> onFatal;

  /**
   * A demo that has not begun.
   *
   * @param out for people
   * @param onFatal makes what is told when the broker of a data directory cannot go on
   */
  public Demo(DemoConfig config, PrintWriter out, Function<Path, FatalListener> onFatal) {
    this.config = config;
    this.out = out;
    this.onFatal = onFatal;
  }

  /**
   * Runs it.
   *
   * @return whether every line ended, the ledger balances and the witness agrees
   */
  public boolean run() throws IOException, InterruptedException {
    var directory =
        config.keep() == null
            ? Files.createTempDirectory("penstock-demo-")
            : Files.createDirectories(config.keep());
    try {
      return run(directory);
    } finally {
      if (config.keep() == null) {
        delete(directory);
      }
    }
  }

  private boolean run(Path directory) throws IOException, InterruptedException {
    var input = input(directory);
    out.println("starting broker, registry, four services and two simulated providers …");
    out.flush();
    var data = directory.resolve("data");
    try (var providers = Providers.start(config);
        var node =
            Node.start(new NodeConfig(data, 0, providers.catalog(), null), onFatal.apply(data));
        var books = Books.open(node.platform().kafka());
        var client = new ApiClient(node.url(), demoKey(node))) {
      out.println("listening on " + node.url() + ", submitting " + input);
      out.flush();
      var started = System.nanoTime();
      var file = client.uploadBatchFile(input);
      var batch =
          follow(
              client, books, client.createBatch(file.path("id").asText(), "/v1/chat/completions"));
      var seconds = (System.nanoTime() - started) / 1e9;
      if (batch.path("status").asText().equals("failed")) {
        batch
            .path("errors")
            .path("data")
            .forEach(
                error ->
                    out.println(
                        "  line "
                            + error.path("line").asText()
                            + ": "
                            + error.path("message").asText()));
        out.flush();
        return false;
      }
      download(client, batch, directory);
      var counts = batch.path("request_counts");
      awaitBooks(books, counts.path("total").asLong());
      var summary =
          new Summary(
              counts.path("total").asLong(),
              counts.path("completed").asLong(),
              counts.path("failed").asLong(),
              seconds,
              books.totals(),
              books.rows(),
              providers.witness());
      summary.print(out);
      if (config.summary() != null) {
        summary.write(config.summary());
      }
      if (config.keep() != null) {
        out.println("  results in " + directory);
        out.flush();
      }
      return summary.completed() + summary.failed() == summary.lines()
          && summary.balanced()
          && summary.agrees();
    }
  }

  private Path input(Path directory) throws IOException {
    var input = config.input();
    if (input == null) {
      var own = directory.resolve("demo.jsonl");
      DemoPrompts.write(own);
      return own;
    }
    if (!Files.isReadable(input) || Files.isDirectory(input)) {
      throw new IllegalArgumentException(
          "cannot read " + input + ": is the path right, and is it yours to read?");
    }
    return input;
  }

  /** The demo works with a plain user's key, made by the administrator's. */
  private static String demoKey(Node node) throws IOException, InterruptedException {
    try (var admin = new ApiClient(node.url(), node.adminKey())) {
      return admin.createKey("demo", "demo");
    }
  }

  private JsonNode follow(ApiClient client, Books books, JsonNode created)
      throws IOException, InterruptedException {
    var bar = new ProgressBar(out);
    var batch = created;
    while (!BatchWatch.ended(batch)) {
      Thread.sleep(POLL);
      batch = client.batch(created.path("id").asText());
      var totals = books.totals();
      bar.show(Progress.of(batch, totals.retries(), new Money(totals.chargeNanoUsd())));
    }
    bar.finish();
    return batch;
  }

  private static void download(ApiClient client, JsonNode batch, Path directory)
      throws IOException, InterruptedException {
    for (var name : new String[] {"output", "error"}) {
      var id = batch.path(name + "_file_id");
      if (id.isTextual()) {
        try (var content = client.content(id.asText())) {
          Files.copy(
              content, directory.resolve(name + ".jsonl"), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  /**
   * The batch ends when its last result is known; usage and ledger follow, on a busy machine by
   * many seconds. Whoever hears nothing of them for {@link #BOOKS_SILENCE_MAX} waits no longer.
   */
  private static void awaitBooks(Books books, long lines) throws InterruptedException {
    var before = books.totals();
    var heard = System.nanoTime();
    while (System.nanoTime() - heard < BOOKS_SILENCE_MAX.toNanos()) {
      Thread.sleep(BOOKS_POLL);
      var now = books.totals();
      if (!now.equals(before)) {
        before = now;
        heard = System.nanoTime();
      } else if (now.settled() >= lines && now.entries() >= now.bookable()) {
        return;
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
