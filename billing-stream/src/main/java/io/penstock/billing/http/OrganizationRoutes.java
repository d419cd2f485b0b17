package io.penstock.billing.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.penstock.billing.report.BillingReader;
import io.penstock.billing.report.BillingReader.UnavailableException;
import io.penstock.billing.report.BucketPage;
import io.penstock.billing.report.BucketWidth;
import io.penstock.billing.report.RollUp;
import io.penstock.billing.report.RollUpKey;
import io.penstock.billing.report.TokenClasses;
import io.penstock.billing.report.UsageGroup;
import io.penstock.platform.money.Money;
import io.penstock.schemas.ErrorCode;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's usage and costs API, in OpenAI's shape (its OpenAPI file, {@code UsageResponse}): what
 * the organisation was charged for, by bucket. Thread-safe.
 */
final class OrganizationRoutes {

  /** What OpenAI calls it, and what the groups of our sums have of it. */
  private enum Group {
    PROJECT_ID,
    USER_ID,
    API_KEY_ID,
    MODEL,
    BATCH,
    SERVICE_TIER,
    LINE_ITEM;

    String wire() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** The three reports. */
  enum Report {
    COMPLETIONS(
        "usage/completions",
        Set.of(
            Group.PROJECT_ID,
            Group.USER_ID,
            Group.API_KEY_ID,
            Group.MODEL,
            Group.BATCH,
            Group.SERVICE_TIER)),
    EMBEDDINGS(
        "usage/embeddings", Set.of(Group.PROJECT_ID, Group.USER_ID, Group.API_KEY_ID, Group.MODEL)),
    COSTS("costs", Set.of(Group.PROJECT_ID, Group.API_KEY_ID, Group.LINE_ITEM));

    private final String path;
    private final Set<Group> groups;

    Report(String path, Set<Group> groups) {
      this.path = path;
      this.groups = groups;
    }
  }

  /** Values in the order of {@link Group}; null for one that is not grouped by, or not there. */
  private record Row(List<String> values) {
    static final Comparator<Row> ORDER =
        Comparator.comparing(row -> String.join("\u0000", row.values()));
  }

  private static final String NONE = "";

  private final BillingReader reader;
  private final InstantSource clock;
  private final Answering answering;

  OrganizationRoutes(BillingReader reader, InstantSource clock, Answering answering) {
    this.reader = reader;
    this.clock = clock;
    this.answering = answering;
  }

  void add(HttpRouting.Builder routing) {
    for (var report : Report.values()) {
      routing.get(
          "/v1/organization/" + report.path,
          answering.with((request, caller) -> answer(report, request, caller.organization())));
    }
  }

  private Body answer(Report report, ServerRequest request, String organization)
      throws Refusal, UnavailableException {
    var width = width(report, request);
    if (!request.query().contains("start_time")) {
      throw new Refusal(
          ErrorCode.MISSING_REQUIRED_PARAMETER,
          "start_time",
          "Missing required parameter: 'start_time'.");
    }
    if (!Parameters.values(request, "user_ids").isEmpty()) {
      throw Parameters.invalid(
          "user_ids", "There are no users here: keys belong to projects and teams.");
    }
    var page = page(report, width, request);
    var groups = groups(report, request);
    var rows = new TreeMap<Instant, TreeMap<Row, RollUp>>();
    if (!page.starts().isEmpty()) {
      var filter = new Chosen(report, request);
      reader.buckets(
          organization,
          width,
          page.starts().getFirst(),
          page.end(),
          (key, sums) -> {
            if (filter.takes(key.group())) {
              rows.computeIfAbsent(key.start(), _ -> new TreeMap<>(Row.ORDER))
                  .merge(row(groups, key), sums, RollUp::plus);
            }
          });
    }
    return Body.json(
        BillingJson.object(
            json -> {
              json.writeStringField("object", "page");
              json.writeArrayFieldStart("data");
              for (var start : page.starts()) {
                json.writeStartObject();
                json.writeStringField("object", "bucket");
                json.writeNumberField("start_time", start.getEpochSecond());
                json.writeNumberField("end_time", start.plus(width.length()).getEpochSecond());
                json.writeArrayFieldStart("results");
                for (var row : rows.getOrDefault(start, new TreeMap<>(Row.ORDER)).entrySet()) {
                  result(json, report, groups, row.getKey(), row.getValue());
                }
                json.writeEndArray();
                json.writeEndObject();
              }
              json.writeEndArray();
              json.writeBooleanField("has_more", page.next() != null);
              json.writeStringField("next_page", page.next());
            }));
  }

  private static BucketWidth width(Report report, ServerRequest request) throws Refusal {
    var width = Parameters.width(request, BucketWidth.DAY);
    if (report == Report.COSTS && width != BucketWidth.DAY) {
      throw Parameters.invalid("bucket_width", "bucket_width of costs must be 1d.");
    }
    return width;
  }

  private BucketPage page(Report report, BucketWidth width, ServerRequest request) throws Refusal {
    var now = clock.instant();
    var from = Parameters.second(request, "start_time", now);
    // the bucket of this moment is shown as far as it has come
    var to = Parameters.second(request, "end_time", now.plusSeconds(1));
    var byDefault =
        switch (width) {
          case MINUTE -> 60;
          case HOUR -> 24;
          case DAY -> 7;
        };
    var most =
        switch (width) {
          case MINUTE -> 1440;
          case HOUR -> 168;
          case DAY -> report == Report.COSTS ? 180 : 31;
        };
    var limit = (int) Parameters.number(request, "limit", byDefault, 1, most);
    try {
      return BucketPage.of(width, from, to, limit, request.query().first("page").orElse(null));
    } catch (IllegalArgumentException e) {
      throw Parameters.invalid("page", "page must be the next_page of an earlier answer.");
    }
  }

  private static Set<Group> groups(Report report, ServerRequest request) throws Refusal {
    var groups = new LinkedHashSet<Group>();
    for (var values : Parameters.values(request, "group_by")) {
      for (var value : values.split(",", -1)) {
        groups.add(
            report.groups.stream()
                .filter(group -> group.wire().equals(value.strip()))
                .findFirst()
                .orElseThrow(
                    () ->
                        Parameters.invalid(
                            "group_by",
                            "group_by must be out of "
                                + String.join(
                                    ", ", report.groups.stream().map(Group::wire).sorted().toList())
                                + ".")));
      }
    }
    return groups;
  }

  /** What the request restricts its report to. */
  private static final class Chosen {

    private final Report report;
    private final List<String> projects;
    private final List<String> keys;
    private final List<String> models;
    private final @Nullable String batch;

    Chosen(Report report, ServerRequest request) {
      this.report = report;
      this.projects = Parameters.values(request, "project_ids");
      this.keys = Parameters.values(request, "api_key_ids");
      this.models = Parameters.values(request, "models");
      this.batch = request.query().first("batch").orElse(null);
    }

    boolean takes(UsageGroup group) {
      return (report == Report.COSTS || group.embeddings() == (report == Report.EMBEDDINGS))
          && among(projects, group.project())
          && among(keys, group.apiKey())
          && among(models, group.model())
          && (batch == null || batch.equals(Boolean.toString(group.batch())));
    }

    private static boolean among(List<String> values, String value) {
      return values.isEmpty() || values.contains(value);
    }
  }

  private static Row row(Set<Group> groups, RollUpKey.Bucket key) {
    var values = new ArrayList<String>();
    for (var group : Group.values()) {
      values.add(groups.contains(group) ? value(group, key.group()) : NONE);
    }
    return new Row(values);
  }

  private static String value(Group group, UsageGroup of) {
    return switch (group) {
      case PROJECT_ID -> of.project();
      case API_KEY_ID -> of.apiKey();
      // a line of the costs names the model, and then the class of its tokens
      case MODEL, LINE_ITEM -> of.model();
      case BATCH -> Boolean.toString(of.batch());
      case USER_ID, SERVICE_TIER -> NONE;
    };
  }

  private static void result(
      JsonGenerator json, Report report, Set<Group> groups, Row row, RollUp sums)
      throws IOException {
    switch (report) {
      case COMPLETIONS -> completions(json, row, sums);
      case EMBEDDINGS -> embeddings(json, row, sums);
      case COSTS -> costs(json, groups, row, sums);
    }
  }

  private static void completions(JsonGenerator json, Row row, RollUp sums) throws IOException {
    var tokens = sums.chargedTokens();
    if (sums.requests() == 0 && tokens.isEmpty()) {
      return;
    }
    json.writeStartObject();
    json.writeStringField("object", "organization.usage.completions.result");
    json.writeNumberField("input_tokens", TokenClasses.input(tokens));
    count(json, "input_cached_tokens", tokens, "input_cache_read");
    count(json, "input_cache_write_tokens", tokens, "input_cache_write_5m", "input_cache_write_1h");
    count(json, "input_uncached_tokens", tokens, "input_uncached", "input_audio", "input_image");
    json.writeNumberField("output_tokens", TokenClasses.output(tokens));
    count(json, "input_text_tokens", tokens, "input_uncached");
    count(json, "output_text_tokens", tokens, "output_text", "output_reasoning");
    // of what was cached providers do not say what it was
    count(json, "input_cached_text_tokens", tokens, "input_cache_read");
    count(json, "input_audio_tokens", tokens, "input_audio");
    json.writeNumberField("input_cached_audio_tokens", 0);
    count(json, "output_audio_tokens", tokens, "output_audio");
    count(json, "input_image_tokens", tokens, "input_image");
    json.writeNumberField("input_cached_image_tokens", 0);
    count(json, "output_image_tokens", tokens, "output_image");
    json.writeNumberField("num_model_requests", sums.requests());
    text(json, row, Group.PROJECT_ID);
    text(json, row, Group.USER_ID);
    text(json, row, Group.API_KEY_ID);
    text(json, row, Group.MODEL);
    var batch = row.values().get(Group.BATCH.ordinal());
    if (batch.isEmpty()) {
      json.writeNullField("batch");
    } else {
      json.writeBooleanField("batch", Boolean.parseBoolean(batch));
    }
    text(json, row, Group.SERVICE_TIER);
    json.writeEndObject();
  }

  private static void embeddings(JsonGenerator json, Row row, RollUp sums) throws IOException {
    if (sums.requests() == 0 && sums.chargedTokens().isEmpty()) {
      return;
    }
    json.writeStartObject();
    json.writeStringField("object", "organization.usage.embeddings.result");
    json.writeNumberField("input_tokens", TokenClasses.input(sums.chargedTokens()));
    json.writeNumberField("num_model_requests", sums.requests());
    text(json, row, Group.PROJECT_ID);
    text(json, row, Group.USER_ID);
    text(json, row, Group.API_KEY_ID);
    text(json, row, Group.MODEL);
    json.writeEndObject();
  }

  private static void costs(JsonGenerator json, Set<Group> groups, Row row, RollUp sums)
      throws IOException {
    if (!groups.contains(Group.LINE_ITEM)) {
      if (sums.chargeNanoUsd() != 0) {
        cost(json, row, sums.chargeNanoUsd(), null, null);
      }
      return;
    }
    for (var charge : sums.chargeByClass().entrySet()) {
      var model = row.values().get(Group.LINE_ITEM.ordinal());
      cost(
          json,
          row,
          charge.getValue(),
          model + ", " + charge.getKey(),
          sums.chargedTokens().get(charge.getKey()));
    }
  }

  private static void cost(
      JsonGenerator json, Row row, long nanoUsd, @Nullable String item, @Nullable Long quantity)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("object", "organization.costs.result");
    json.writeObjectFieldStart("amount");
    json.writeFieldName("value");
    // a number, because OpenAI's clients expect one; its digits are exact
    json.writeNumber(new Money(nanoUsd).usd());
    json.writeStringField("currency", "usd");
    json.writeEndObject();
    json.writeStringField("line_item", item);
    text(json, row, Group.PROJECT_ID);
    text(json, row, Group.API_KEY_ID);
    if (quantity == null) {
      json.writeNullField("quantity");
      json.writeNullField("quantity_unit");
    } else {
      json.writeNumberField("quantity", quantity);
      json.writeStringField("quantity_unit", "tokens");
    }
    json.writeEndObject();
  }

  private static void count(
      JsonGenerator json, String name, Map<String, Long> tokens, String... classes)
      throws IOException {
    json.writeNumberField(name, TokenClasses.count(tokens, classes));
  }

  private static void text(JsonGenerator json, Row row, Group group) throws IOException {
    BillingJson.dimension(json, group.wire(), row.values().get(group.ordinal()));
  }
}
