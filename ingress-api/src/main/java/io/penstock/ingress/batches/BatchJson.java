package io.penstock.ingress.batches;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.answer.Json;
import io.penstock.ingress.batches.AllBatches.Listed;
import io.penstock.ingress.jobs.BatchState.Batch;
import io.penstock.ingress.jobs.BatchState.Ended;
import io.penstock.ingress.jobs.BatchState.Running;
import io.penstock.ingress.jobs.BatchState.Validating;
import io.penstock.ingress.jobs.BatchState.Writing;
import io.penstock.ingress.jobs.Cursor;
import io.penstock.ingress.jobs.Ending;
import io.penstock.ingress.jobs.LineProblem;
import io.penstock.ingress.jobs.OutputFiles;
import io.penstock.ingress.jobs.Stop;
import io.penstock.ingress.jobs.Tally;
import io.penstock.ingress.jobs.Work;
import io.penstock.platform.money.Money;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** OpenAI's Batch object, with all its fields, and one of our own: {@code penstock}. Pure. */
final class BatchJson {

  private BatchJson() {}

  static byte[] bytes(Batch batch) {
    return Json.bytes(json -> write(json, batch));
  }

  /**
   * A page of a listing.
   *
   * @param more whether another page follows
   */
  static byte[] page(List<Listed> batches, More more) {
    return Json.bytes(
        json -> {
          json.writeStartObject();
          json.writeStringField("object", "list");
          json.writeArrayFieldStart("data");
          for (var batch : batches) {
            json.writeRawValue(new String(batch.json(), StandardCharsets.UTF_8));
          }
          json.writeEndArray();
          Json.text(
              json, "first_id", batches.isEmpty() ? null : batches.getFirst().place().batch());
          Json.text(json, "last_id", batches.isEmpty() ? null : batches.getLast().place().batch());
          json.writeBooleanField("has_more", more == More.YES);
          json.writeEndObject();
        });
  }

  /** Whether another page follows. */
  enum More {
    YES,
    NO
  }

  /** A batch of any state, field by field. */
  private record Shown(
      String status,
      @Nullable Work work,
      Cursor cursor,
      Tally tally,
      @Nullable Stop stop,
      @Nullable Instant writingAt,
      @Nullable Ended ended) {

    static Shown of(Batch batch) {
      return switch (batch) {
        case Validating _ ->
            new Shown("validating", null, Cursor.START, Tally.NONE, null, null, null);
        case Running(_, var work, var cursor, var tally, var stop) ->
            new Shown(
                cancelling(stop) ? "cancelling" : "in_progress",
                work,
                cursor,
                tally,
                stop,
                null,
                null);
        case Writing(_, var work, var cursor, var tally, var stop, var at) ->
            new Shown(
                cancelling(stop) ? "cancelling" : "finalizing",
                work,
                cursor,
                tally,
                stop,
                at,
                null);
        case Ended ended ->
            new Shown(
                ended.ending().name().toLowerCase(Locale.ROOT),
                ended.work(),
                ended.cursor(),
                ended.tally(),
                ended.stop(),
                ended.writingAt(),
                ended);
      };
    }

    private static boolean cancelling(@Nullable Stop stop) {
      return stop != null && stop.reason() == Stop.Reason.CANCELLED;
    }

    @Nullable Instant cancelledAt() {
      return stop != null && stop.reason() == Stop.Reason.CANCELLED ? stop.at() : null;
    }

    OutputFiles files() {
      return ended == null ? OutputFiles.NONE : ended.files();
    }

    @Nullable Instant at(Ending ending) {
      return ended != null && ended.ending() == ending ? ended.at() : null;
    }

    long completed() {
      return ended == null ? tally.succeeded() : files().outputLines();
    }

    long failed() {
      return ended == null ? tally.failed() : files().errorLines();
    }

    long dispatched() {
      return Math.max(cursor.dispatched(), tally.finished());
    }

    long inFlight() {
      return writingAt == null && ended == null ? dispatched() - tally.finished() : 0;
    }
  }

  /** The status, in OpenAI's words. */
  static String status(Batch batch) {
    return Shown.of(batch).status();
  }

  private static void write(JsonGenerator json, Batch batch) throws IOException {
    var terms = batch.terms();
    var shown = Shown.of(batch);
    json.writeStartObject();
    json.writeStringField("id", terms.id());
    json.writeStringField("object", "batch");
    json.writeStringField("endpoint", terms.endpoint());
    Json.text(json, "model", shown.work() == null ? null : shown.work().model());
    errors(json, shown.ended() == null ? List.of() : shown.ended().problems());
    json.writeStringField("input_file_id", terms.inputFile());
    json.writeStringField("completion_window", terms.completionWindow());
    json.writeStringField("status", shown.status());
    Json.text(json, "output_file_id", shown.files().output());
    Json.text(json, "error_file_id", shown.files().error());
    time(json, "created_at", terms.createdAt());
    time(json, "in_progress_at", shown.work() == null ? null : shown.work().startedAt());
    time(json, "expires_at", terms.expiresAt());
    time(json, "finalizing_at", shown.writingAt());
    time(json, "completed_at", shown.at(Ending.COMPLETED));
    time(json, "failed_at", shown.at(Ending.FAILED));
    time(json, "expired_at", shown.at(Ending.EXPIRED));
    time(json, "cancelling_at", shown.cancelledAt());
    time(json, "cancelled_at", shown.at(Ending.CANCELLED));
    counts(json, shown);
    usage(json, shown.tally());
    metadata(json, batch);
    penstock(json, terms.createdAt(), shown);
    json.writeEndObject();
  }

  private static void time(JsonGenerator json, String field, @Nullable Instant at)
      throws IOException {
    if (at == null) {
      json.writeNullField(field);
    } else {
      json.writeNumberField(field, at.getEpochSecond());
    }
  }

  private static void errors(JsonGenerator json, List<LineProblem> problems) throws IOException {
    if (problems.isEmpty()) {
      json.writeNullField("errors");
      return;
    }
    json.writeObjectFieldStart("errors");
    json.writeStringField("object", "list");
    json.writeArrayFieldStart("data");
    for (var problem : problems) {
      json.writeStartObject();
      json.writeStringField("code", problem.code());
      json.writeStringField("message", problem.message());
      Json.text(json, "param", problem.param());
      var line = problem.line();
      if (line == null) {
        json.writeNullField("line");
      } else {
        json.writeNumberField("line", line);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void counts(JsonGenerator json, Shown shown) throws IOException {
    json.writeObjectFieldStart("request_counts");
    json.writeNumberField("total", shown.work() == null ? 0 : shown.work().requests());
    json.writeNumberField("completed", shown.completed());
    json.writeNumberField("failed", shown.failed());
    json.writeEndObject();
  }

  private static void usage(JsonGenerator json, Tally tally) throws IOException {
    json.writeObjectFieldStart("usage");
    json.writeNumberField("input_tokens", tally.inputTokens());
    json.writeObjectFieldStart("input_tokens_details");
    json.writeNumberField("cached_tokens", tally.cachedTokens());
    json.writeEndObject();
    json.writeNumberField("output_tokens", tally.outputTokens());
    json.writeObjectFieldStart("output_tokens_details");
    json.writeNumberField("reasoning_tokens", tally.reasoningTokens());
    json.writeEndObject();
    json.writeNumberField("total_tokens", tally.inputTokens() + tally.outputTokens());
    json.writeEndObject();
  }

  private static void metadata(JsonGenerator json, Batch batch) throws IOException {
    var metadata = new TreeMap<>(batch.terms().metadata());
    if (metadata.isEmpty()) {
      json.writeNullField("metadata");
      return;
    }
    json.writeObjectFieldStart("metadata");
    for (var entry : metadata.entrySet()) {
      json.writeStringField(entry.getKey(), entry.getValue());
    }
    json.writeEndObject();
  }

  private static void penstock(JsonGenerator json, Instant createdAt, Shown shown)
      throws IOException {
    json.writeObjectFieldStart("penstock");
    json.writeNumberField("created_at_ms", createdAt.toEpochMilli());
    json.writeNumberField("dispatched", shown.dispatched());
    json.writeNumberField("in_flight", shown.inFlight());
    json.writeNumberField("retries", shown.tally().retries());
    json.writeStringField("charge_usd", new Money(shown.tally().chargeNanoUsd()).usd());
    json.writeEndObject();
  }
}
