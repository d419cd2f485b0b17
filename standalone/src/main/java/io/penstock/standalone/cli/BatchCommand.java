package io.penstock.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.standalone.cli.Table.Kind;
import io.penstock.standalone.client.ApiClient;
import io.penstock.standalone.client.BatchWatch;
import io.penstock.standalone.client.ProgressBar;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "batch",
    description = "Submits batch files and follows them.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class BatchCommand implements Runnable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new picocli.CommandLine.ParameterException(
        spec.commandLine(), "which of submit, watch, list, status, cancel, results?");
  }

  @Command(
      name = "submit",
      description = "Uploads a JSONL file and creates a batch over it; prints the batch id.",
      mixinStandardHelpOptions = true)
  int submit(
      @Mixin ServerOptions server,
      @Parameters(
              paramLabel = "FILE",
              description = "JSONL, one request a line, as OpenAI's batch API takes it.")
          Path file,
      @Option(
              names = "--endpoint",
              defaultValue = "/v1/chat/completions",
              description = "Default: ${DEFAULT-VALUE}.")
          String endpoint,
      @Option(names = "--watch", description = "Follows the batch to its end.") boolean watch)
      throws IOException, InterruptedException {
    try (var client = server.client()) {
      var uploaded = client.uploadBatchFile(file);
      var batch = client.createBatch(uploaded.path("id").asText(), endpoint);
      spec.commandLine().getOut().println(batch.path("id").asText());
      spec.commandLine().getOut().flush();
      return watch ? watch(client, batch.path("id").asText()) : 0;
    }
  }

  @Command(
      name = "watch",
      description = "Follows a batch to its end, over restarts of the server.",
      mixinStandardHelpOptions = true)
  int watch(@Mixin ServerOptions server, @Parameters(paramLabel = "ID") String id)
      throws IOException, InterruptedException {
    try (var client = server.client()) {
      return watch(client, id);
    }
  }

  private int watch(ApiClient client, String id) throws IOException, InterruptedException {
    var bar = new ProgressBar(spec.commandLine().getErr());
    var batch = new BatchWatch(client, bar, POLL, PATIENCE).toEnd(id);
    print(batch);
    return batch.path("status").asText().equals("completed") ? 0 : 1;
  }

  @Command(
      name = "list",
      description = "Lists the newest batches.",
      mixinStandardHelpOptions = true)
  int list(
      @Mixin ServerOptions server,
      @Option(
              names = "--limit",
              defaultValue = "20",
              description = "At most this many, 1 to 100 (default: ${DEFAULT-VALUE}).")
          int limit)
      throws IOException, InterruptedException {
    var table =
        new Table()
            .column("batch", Kind.TEXT)
            .column("created", Kind.TEXT)
            .column("status", Kind.TEXT)
            .column("lines", Kind.COUNT)
            .column("completed", Kind.COUNT)
            .column("failed", Kind.COUNT);
    try (var client = server.client()) {
      for (var batch : client.batches(limit).path("data")) {
        var counts = batch.path("request_counts");
        table.line(
            BigDecimal.ZERO,
            batch.path("id").asText(),
            Instant.ofEpochSecond(batch.path("created_at").asLong()).toString(),
            batch.path("status").asText(),
            counts.path("total").asLong(),
            counts.path("completed").asLong(),
            counts.path("failed").asLong());
      }
    }
    table.print(spec.commandLine().getOut(), Terminal.isThere());
    spec.commandLine().getOut().flush();
    return 0;
  }

  @Command(
      name = "status",
      description = "Prints the batch object.",
      mixinStandardHelpOptions = true)
  int status(@Mixin ServerOptions server, @Parameters(paramLabel = "ID") String id)
      throws IOException, InterruptedException {
    try (var client = server.client()) {
      print(client.batch(id));
      return 0;
    }
  }

  @Command(
      name = "cancel",
      description = "Stops a batch; what has finished is kept.",
      mixinStandardHelpOptions = true)
  int cancel(@Mixin ServerOptions server, @Parameters(paramLabel = "ID") String id)
      throws IOException, InterruptedException {
    try (var client = server.client()) {
      print(client.cancelBatch(id));
      return 0;
    }
  }

  @Command(
      name = "results",
      description = "Prints the output file, then the error file.",
      mixinStandardHelpOptions = true)
  int results(
      @Mixin ServerOptions server,
      @Parameters(paramLabel = "ID") String id,
      @Option(
              names = {"-o", "--output"},
              paramLabel = "FILE",
              description = "Writes to a file instead.")
          @Nullable Path output)
      throws IOException, InterruptedException {
    try (var client = server.client()) {
      var batch = client.batch(id);
      if (!BatchWatch.ended(batch)) {
        throw new IllegalStateException(
            "batch "
                + id
                + " is still "
                + batch.path("status").asText()
                + ": follow it with `penstock batch watch "
                + id
                + "`");
      }
      try (var to = output == null ? System.out : Files.newOutputStream(output)) {
        for (var field : new String[] {"output_file_id", "error_file_id"}) {
          if (batch.hasNonNull(field)) {
            try (var content = client.content(batch.path(field).asText())) {
              content.transferTo(to);
            }
          }
        }
      }
      return 0;
    }
  }

  private void print(JsonNode json) throws IOException {
    spec.commandLine()
        .getOut()
        .println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json));
    spec.commandLine().getOut().flush();
  }
}
