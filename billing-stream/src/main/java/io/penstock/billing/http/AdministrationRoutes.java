package io.penstock.billing.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.penstock.billing.report.BillingReader;
import io.penstock.billing.report.BillingReader.UnavailableException;
import io.penstock.billing.report.BucketWidth;
import io.penstock.billing.report.Corrections;
import io.penstock.billing.report.Label;
import io.penstock.billing.report.Reconciliation;
import io.penstock.billing.report.RollUp;
import io.penstock.billing.report.TokenClasses;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.money.Money;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.ChargeLine;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.UsageKind;
import io.penstock.schemas.avro.UsageRecorded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * For those who administer the installation: margins of all organisations, comparison with
 * providers' bills, corrections. Thread-safe.
 */
final class AdministrationRoutes {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BILL_BYTES_MAX = 1 << 20;
  private static final int CORRECTION_BYTES_MAX = 8 << 10;
  private static final int TEXT_MAX = 500;
  private static final int DIFFERENCES_MAX = 1_000;
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final String TOLERANCE = "0.5";

  private final BillingReader reader;
  private final Supplier<Catalog> catalog;
  private final InstantSource clock;
  private final Corrections corrections;
  private final Answering answering;

  AdministrationRoutes(
      BillingReader reader,
      Supplier<Catalog> catalog,
      InstantSource clock,
      Corrections corrections,
      Answering answering) {
    this.reader = reader;
    this.catalog = catalog;
    this.clock = clock;
    this.corrections = corrections;
    this.answering = answering;
  }

  void add(HttpRouting.Builder routing) {
    routing.get(
        "/v1/billing/margin", answering.restricted(Status.OK_200, (request, _) -> margin(request)));
    routing.post(
        "/v1/billing/reconciliation",
        answering.restricted(Status.OK_200, (request, _) -> reconcile(request)));
    routing.post(
        "/v1/billing/corrections", answering.restricted(Status.ACCEPTED_202, this::correct));
  }

  private Body margin(ServerRequest request) throws Refusal, UnavailableException {
    var by = request.query().first("group_by").orElse("model");
    if (!List.of("model", "organization", "price_rule").contains(by)) {
      throw Parameters.invalid("group_by", "group_by must be model, organization or price_rule.");
    }
    var range = UsageRange.of(request, clock.instant());
    var rows = new TreeMap<String, RollUp>();
    if (by.equals("price_rule") && range.width() != BucketWidth.DAY) {
      throw Parameters.invalid("bucket_width", "Price rules are summed by day only.");
    }
    for (var organization : organizations()) {
      if (by.equals("price_rule")) {
        reader.labels(
            organization,
            Label.PRICE_RULE,
            range.firstDay(),
            range.dayAfter(),
            (key, sums) -> rows.merge(key.name(), sums, RollUp::plus));
        continue;
      }
      reader.buckets(
          organization,
          range.width(),
          range.from(),
          range.to(),
          (key, sums) ->
              rows.merge(
                  by.equals("model") ? key.group().model() : organization, sums, RollUp::plus));
    }
    var total = rows.values().stream().reduce(RollUp.ZERO, RollUp::plus);
    return Body.json(
        BillingJson.object(
            json -> {
              json.writeStringField("object", "billing.margin");
              json.writeStringField("from", range.firstDay().toString());
              json.writeStringField("to", range.dayAfter().minusDays(1).toString());
              margin(json, total);
              json.writeArrayFieldStart("data");
              for (var row : rows.entrySet()) {
                json.writeStartObject();
                BillingJson.dimension(json, by, row.getKey());
                margin(json, row.getValue());
                json.writeEndObject();
              }
              json.writeEndArray();
            }));
  }

  private static void margin(JsonGenerator json, RollUp sums) throws IOException {
    var margin = Math.subtractExact(sums.chargeNanoUsd(), sums.costNanoUsd());
    json.writeNumberField("requests", sums.requests());
    BillingJson.money(json, "list", sums.listNanoUsd());
    BillingJson.money(json, "charge", sums.chargeNanoUsd());
    BillingJson.money(json, "cost", sums.costNanoUsd());
    BillingJson.money(json, "margin", margin);
    json.writeStringField(
        "margin_percent",
        sums.chargeNanoUsd() == 0
            ? null
            : BigDecimal.valueOf(margin)
                .movePointRight(2)
                .divide(BigDecimal.valueOf(sums.chargeNanoUsd()), 2, RoundingMode.HALF_EVEN)
                .toPlainString());
  }

  private Body reconcile(ServerRequest request) throws Refusal, UnavailableException {
    var pool = request.query().first("pool").orElse("");
    if (catalog.get().pool(pool) == null) {
      throw Parameters.invalid("pool", "pool must be the pool that the bill is about.");
    }
    var tolerance = tolerance(request);
    var theirs = bill(request);
    if (theirs.isEmpty()) {
      throw new Refusal(ErrorCode.INVALID_REQUEST, null, "The bill has no lines.");
    }
    var days = theirs.keySet().stream().map(Reconciliation.Line::day).sorted().toList();
    if (days.getFirst().toEpochDay() < 0) {
      throw new Refusal(ErrorCode.INVALID_REQUEST, null, "The bill is from before 1970.");
    }
    var ours = new java.util.HashMap<Reconciliation.Line, Reconciliation.Amounts>();
    for (var organization : organizations()) {
      reader.upstream(
          organization,
          days.getFirst(),
          days.getLast().plusDays(1),
          (key, sums) -> {
            if (key.pool().equals(pool)) {
              ours.merge(
                  new Reconciliation.Line(key.day(), key.upstreamModel()),
                  Reconciliation.Amounts.of(sums),
                  Reconciliation.Amounts::plus);
            }
          });
    }
    var differences = Reconciliation.differences(ours, theirs, tolerance);
    return Body.json(
        BillingJson.object(
            json -> {
              json.writeStringField("object", "billing.reconciliation");
              json.writeStringField("pool", pool);
              json.writeStringField("from", days.getFirst().toString());
              json.writeStringField("to", days.getLast().toString());
              json.writeStringField("tolerance_percent", tolerance.toPlainString());
              json.writeNumberField("lines", theirs.size());
              json.writeBooleanField("agrees", differences.isEmpty());
              json.writeNumberField("difference_count", differences.size());
              json.writeArrayFieldStart("differences");
              for (var each : differences.stream().limit(DIFFERENCES_MAX).toList()) {
                difference(json, each);
              }
              json.writeEndArray();
            }));
  }

  private static void difference(JsonGenerator json, Reconciliation.Difference difference)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("date", difference.line().day().toString());
    json.writeStringField("model", difference.line().model());
    json.writeStringField("what", difference.what());
    if (difference.what().equals("cost")) {
      json.writeStringField("ours", new Money(difference.ours()).usd());
      json.writeStringField("theirs", new Money(difference.theirs()).usd());
      json.writeStringField(
          "difference",
          new Money(Math.subtractExact(difference.ours(), difference.theirs())).usd());
    } else {
      json.writeNumberField("ours", difference.ours());
      json.writeNumberField("theirs", difference.theirs());
      json.writeNumberField(
          "difference", Math.subtractExact(difference.ours(), difference.theirs()));
    }
    json.writeEndObject();
  }

  private static BigDecimal tolerance(ServerRequest request) throws Refusal {
    try {
      var tolerance = new BigDecimal(request.query().first("tolerance_percent").orElse(TOLERANCE));
      if (tolerance.signum() >= 0 && tolerance.compareTo(BigDecimal.valueOf(100)) <= 0) {
        return tolerance;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message for both
    }
    throw Parameters.invalid(
        "tolerance_percent", "tolerance_percent must be a decimal from 0 to 100.");
  }

  private static Map<Reconciliation.Line, Reconciliation.Amounts> bill(ServerRequest request)
      throws Refusal {
    try {
      return Reconciliation.bill(
          new String(bytes(request, BILL_BYTES_MAX), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new Refusal(ErrorCode.INVALID_REQUEST, null, "The bill: " + e.getMessage() + ".");
    }
  }

  private Body correct(ServerRequest request, Caller caller) throws Refusal, UnavailableException {
    var body = json(bytes(request, CORRECTION_BYTES_MAX));
    var id = required(body, "id");
    if (!ID.matcher(id).matches()) {
      throw Parameters.invalid(
          "id", "id must be 1 to 64 letters, digits, dots, dashes or underscores.");
    }
    var organization = required(body, "organization");
    if (catalog.get().organization(organization) == null) {
      throw new Refusal(ErrorCode.NOT_FOUND, "organization", "There is no such organization.");
    }
    var amount = amount(required(body, "amount_usd"));
    var now = clock.instant();
    var correction =
        UsageRecorded.newBuilder()
            .setUsageId("correction/" + id)
            .setKind(UsageKind.CORRECTION)
            .setRequestId(optional(body, "request_id", id))
            .setOrganization(organization)
            .setApiKey(caller.key().getId())
            .setProject(optional(body, "project", null))
            .setTeam(optional(body, "team", null))
            .setModel(optional(body, "model", TokenClasses.CORRECTION))
            .setSurface(Surface.UNKNOWN)
            .setLane(Lane.BATCH)
            .setSucceeded(false)
            .setChargeLines(List.of(new ChargeLine(TokenClasses.CORRECTION, 0L, "0", amount)))
            .setChargeNanoUsd(amount)
            .setHoldNanoUsd(0)
            .setOverageNanoUsd(0)
            .setCostNanoUsd(0)
            .setAcceptedAt(now)
            .setRecordedAt(now)
            .setCorrects(optional(body, "corrects", null))
            .setCorrectsPeriod(Parameters.month(required(body, "corrects_period")).toString())
            .setReason(required(body, "reason"))
            .build();
    corrections.send(correction);
    return Body.json(
        BillingJson.object(
            json -> {
              json.writeStringField("object", "billing.correction");
              json.writeStringField("id", id);
              json.writeStringField("usage_id", correction.getUsageId());
              json.writeStringField("organization", organization);
              BillingJson.money(json, "amount", amount);
            }));
  }

  private static long amount(String usd) throws Refusal {
    try {
      var amount = Money.ofUsd(usd).nanoUsd();
      if (amount != 0 && amount != Long.MIN_VALUE) {
        return amount;
      }
    } catch (NumberFormatException | ArithmeticException e) {
      // falls through to the one message for all
    }
    throw Parameters.invalid(
        "amount_usd", "amount_usd must be a decimal text other than 0, of at most nine places.");
  }

  private static JsonNode json(byte[] bytes) throws Refusal {
    try {
      var json = JSON.readTree(bytes);
      if (json != null && json.isObject()) {
        return json;
      }
    } catch (JsonProcessingException e) {
      throw new Refusal(ErrorCode.INVALID_JSON, null, "The body is not JSON.");
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
    throw new Refusal(ErrorCode.INVALID_TYPE, null, "The body must be a JSON object.");
  }

  private static String required(JsonNode body, String name) throws Refusal {
    var value = optional(body, name, null);
    if (value == null) {
      throw new Refusal(
          ErrorCode.MISSING_REQUIRED_PARAMETER,
          name,
          "Missing required parameter: '" + name + "'.");
    }
    return value;
  }

  private static @Nullable String optional(JsonNode body, String name, @Nullable String byDefault)
      throws Refusal {
    var value = body.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return byDefault;
    }
    if (!value.isTextual()
        || value.textValue().isBlank()
        || value.textValue().length() > TEXT_MAX) {
      throw new Refusal(
          ErrorCode.INVALID_TYPE,
          name,
          name + " must be a text of 1 to " + TEXT_MAX + " characters.");
    }
    return value.textValue();
  }

  private static byte[] bytes(ServerRequest request, int most) throws Refusal {
    try (var body = request.content().inputStream()) {
      var bytes = body.readNBytes(most + 1);
      if (bytes.length <= most) {
        return bytes;
      }
    } catch (IOException e) {
      throw new Refusal(ErrorCode.INVALID_REQUEST, null, "The body broke off.");
    }
    throw new Refusal(
        ErrorCode.REQUEST_TOO_LARGE, null, "The body must have at most " + most + " bytes.");
  }

  private List<String> organizations() {
    return catalog.get().organizations().stream().map(OrganizationEntry::getId).sorted().toList();
  }
}
