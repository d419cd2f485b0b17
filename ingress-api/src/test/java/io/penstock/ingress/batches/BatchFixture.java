package io.penstock.ingress.batches;

import io.penstock.ingress.files.Files;
import io.penstock.ingress.jobs.BatchState.Running;
import io.penstock.ingress.jobs.BatchTerms;
import io.penstock.ingress.jobs.Cursor;
import io.penstock.ingress.jobs.Stop;
import io.penstock.ingress.jobs.Tally;
import io.penstock.ingress.jobs.Work;
import io.penstock.platform.blob.LocalBlobStore;
import io.penstock.platform.id.Ids;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Files over a real blob store, and batches over those files. */
final class BatchFixture {

  static final Instant T0 = Instant.parse("2026-01-02T03:04:05Z");
  static final String ENDPOINT = "/v1/chat/completions";
  static final BatchesConfig LIMITS =
      new BatchesConfig(
          10, 1 << 20, 1_000, 4, 100_000, 1 << 20, Duration.ofHours(24), Duration.ofMinutes(10));

  final Clock clock = Clock.fixed(T0, ZoneOffset.UTC);
  final LocalBlobStore blobs;
  final Files files;

  BatchFixture(Path directory) throws IOException {
    this.blobs = new LocalBlobStore(directory);
    this.files = new Files(blobs, new Ids(), clock);
  }

  /** Uploads an input file and returns a batch over it, whether or not the file is good. */
  BatchTerms batch(String id, String organization, String content) throws IOException {
    var bytes = content.getBytes(StandardCharsets.UTF_8);
    try (var upload = files.create(organization, id + ".jsonl", "batch", null)) {
      upload.write(bytes, 0, bytes.length);
      var file = upload.commit();
      return new BatchTerms(
          id,
          organization,
          "key_1",
          "project",
          null,
          file.id(),
          ENDPOINT,
          "24h",
          Map.of(),
          null,
          T0,
          T0.plusSeconds(86_400));
    }
  }

  String content(String organization, String file) throws IOException {
    var found = files.find(organization, file);
    if (found == null) {
      throw new IOException("no file " + file);
    }
    try (var in = files.open(found, 0)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  static String line(String customId, String prompt) {
    return "{\"custom_id\":\""
        + customId
        + "\",\"method\":\"POST\",\"url\":\""
        + ENDPOINT
        + "\",\"body\":"
        + body(prompt)
        + "}";
  }

  static String body(String prompt) {
    return "{\"model\": \"smart\",\"messages\":[{\"role\":\"user\",\"content\":\""
        + prompt
        + "\"}]}";
  }

  static String lines(int from, int to) {
    var lines = new StringBuilder();
    for (int i = from; i <= to; i++) {
      lines.append(line("id-" + i, "p")).append('\n');
    }
    return lines.toString();
  }

  static Running running(BatchTerms terms, long requests) {
    return running(terms, requests, Cursor.START, 0, null);
  }

  static Running running(
      BatchTerms terms, long requests, Cursor cursor, long finished, @Nullable Stop stop) {
    return new Running(
        terms,
        new Work(requests, "smart", T0),
        cursor,
        new Tally(finished, 0, 0, 0, 0, 0, 0, 0),
        stop);
  }
}
