package io.penstock.billing.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.billing.ledger.Ledger;
import io.penstock.billing.report.BillingReader.Standing;
import io.penstock.billing.report.Dimension;
import io.penstock.billing.report.GrantUse;
import io.penstock.billing.report.Grouping;
import io.penstock.billing.report.RollUp;
import io.penstock.billing.report.RollUpKey;
import io.penstock.billing.report.TokenClasses;
import io.penstock.platform.error.ErrorEnvelope;
import io.penstock.platform.money.Money;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.Side;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The bodies of the read API. Amounts are texts: decimal USD, and whole nano-USD, both exact. */
final class BillingJson {

  private static final JsonFactory JSON = new JsonFactory();

  interface Content {
    void write(JsonGenerator json) throws IOException;
  }

  private BillingJson() {}

  static byte[] refusal(Refusal refusal) {
    return ErrorEnvelope.json(refusal.code(), refusal.param(), refusal.text(), null);
  }

  static byte[] balances(Standing standing, List<GrantUse> credits, Shown shown) {
    return object(
        json -> {
          json.writeStringField("object", "list");
          json.writeStringField("organization", standing.books().organization());
          json.writeStringField("currency", Ledger.CURRENCY);
          json.writeNumberField("sequence", standing.books().sequence());
          json.writeArrayFieldStart("data");
          for (var account : standing.books().accounts().entrySet()) {
            if (!shown.shows(account.getKey())) {
              continue;
            }
            var balance = account.getValue();
            json.writeStartObject();
            json.writeStringField("account", account.getKey());
            nano(json, "debits_nano_usd", balance.debitsNanoUsd());
            nano(json, "credits_nano_usd", balance.creditsNanoUsd());
            usd(
                json,
                "balance_usd",
                Math.subtractExact(balance.debitsNanoUsd(), balance.creditsNanoUsd()));
            json.writeNumberField("sequence", balance.sequence());
            json.writeStringField("booked_at", balance.bookedAt().toString());
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeArrayFieldStart("credits");
          for (var credit : credits) {
            credit(json, credit);
          }
          json.writeEndArray();
          position(json, standing);
        });
  }

  private static void credit(JsonGenerator json, GrantUse credit) throws IOException {
    var grant = credit.grant();
    json.writeStartObject();
    json.writeStringField("grant", credit.id());
    if (grant != null) {
      money(json, "amount", grant.getAmountNanoUsd());
      json.writeBooleanField("paid", grant.getPaid());
      json.writeNumberField("priority", grant.getPriority());
      json.writeStringField(
          "expires_at", grant.getExpiresAt() == null ? null : grant.getExpiresAt().toString());
    }
    money(json, "used", credit.usedNanoUsd());
    money(json, "left", credit.leftNanoUsd());
    json.writeEndObject();
  }

  /**
   * @param firstSequence of the oldest entry that is still kept here
   */
  static byte[] entries(
      Standing standing,
      List<LedgerEntryPosted> entries,
      long firstSequence,
      boolean more,
      Shown shown) {
    return object(
        json -> {
          json.writeStringField("object", "list");
          json.writeStringField("organization", standing.books().organization());
          json.writeNumberField("first_sequence", firstSequence);
          json.writeNumberField("last_sequence", standing.books().sequence());
          json.writeBooleanField("has_more", more);
          json.writeArrayFieldStart("data");
          for (var entry : entries) {
            entry(json, entry, shown);
          }
          json.writeEndArray();
        });
  }

  private static void entry(JsonGenerator json, LedgerEntryPosted entry, Shown shown)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("object", "ledger.entry");
    json.writeStringField("id", entry.getEntryId());
    json.writeNumberField("sequence", entry.getSequence());
    json.writeStringField("currency", entry.getCurrency());
    json.writeStringField("request_id", entry.getRequestId());
    json.writeStringField("usage_id", entry.getUsageId());
    json.writeArrayFieldStart("postings");
    for (var posting : entry.getPostings()) {
      if (!shown.shows(posting.getAccount())) {
        continue;
      }
      json.writeStartObject();
      json.writeStringField("account", posting.getAccount());
      json.writeStringField("side", posting.getSide().name().toLowerCase(Locale.ROOT));
      nano(json, "amount_nano_usd", posting.getAmountNanoUsd());
      usd(json, "amount_usd", posting.getAmountNanoUsd());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringField("occurred_at", entry.getOccurredAt().toString());
    json.writeStringField("booked_at", entry.getBookedAt().toString());
    json.writeStringField("kind", entry.getKind().name().toLowerCase(Locale.ROOT));
    json.writeStringField("period", entry.getPeriod());
    json.writeStringField("corrects", entry.getCorrects());
    json.writeStringField("corrects_period", entry.getCorrectsPeriod());
    // a hash of the whole entry would let its cost be found by trying
    if (shown == Shown.EVERYTHING) {
      json.writeNumberField("chain_position", entry.getChainPosition());
      json.writeStringField("previous_hash", entry.getPreviousHash());
      json.writeStringField("hash", entry.getHash());
    }
    json.writeEndObject();
  }

  static byte[] usage(
      String organization,
      UsageRange range,
      List<Dimension> dimensions,
      List<Grouping.Row> rows,
      Shown shown) {
    return object(
        json -> {
          json.writeStringField("object", "list");
          json.writeStringField("organization", organization);
          json.writeStringField("from", range.firstDay().toString());
          json.writeStringField("to", range.dayAfter().minusDays(1).toString());
          json.writeStringField("bucket_width", range.width().wire());
          json.writeNumberField("start_time", range.from().getEpochSecond());
          json.writeNumberField("end_time", range.to().getEpochSecond());
          json.writeArrayFieldStart("data");
          for (var row : rows) {
            json.writeStartObject();
            for (int i = 0; i < dimensions.size(); i++) {
              dimension(json, dimensions.get(i).wire(), row.values().get(i));
            }
            sums(json, row.sums(), shown);
            money(json, "charge_by_class", row.sums().chargeByClass());
            tokens(json, "charged_tokens", row.sums().chargedTokens());
            tokens(json, "upstream_tokens", row.sums().upstreamTokens());
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  static byte[] summary(Standing standing, Map<RollUpKey.Total, RollUp> totals, Shown shown) {
    return object(
        json -> {
          var books = standing.books();
          var all = totals.values().stream().reduce(RollUp.ZERO, RollUp::plus);
          json.writeStringField("object", "billing.summary");
          json.writeStringField("organization", books.organization());
          json.writeStringField("currency", Ledger.CURRENCY);
          nano(json, "debits_nano_usd", books.total(Side.DEBIT, shown::shows));
          nano(json, "credits_nano_usd", books.total(Side.CREDIT, shown::shows));
          json.writeBooleanField("balanced", books.isBalanced());
          json.writeNumberField("entries", books.sequence());
          sums(json, all, shown);
          json.writeArrayFieldStart("by_model");
          for (var total : totals.entrySet()) {
            json.writeStartObject();
            json.writeStringField("model", total.getKey().model());
            dimension(json, "pool", total.getKey().pool());
            sums(json, total.getValue(), shown);
            json.writeEndObject();
          }
          json.writeEndArray();
          position(json, standing);
        });
  }

  private static void sums(JsonGenerator json, RollUp sums, Shown shown) throws IOException {
    json.writeNumberField("requests", sums.requests());
    json.writeNumberField("succeeded", sums.succeeded());
    json.writeNumberField("calls", sums.calls());
    json.writeNumberField("input_tokens", TokenClasses.input(sums.chargedTokens()));
    json.writeNumberField("output_tokens", TokenClasses.output(sums.chargedTokens()));
    json.writeNumberField("upstream_input_tokens", TokenClasses.input(sums.upstreamTokens()));
    json.writeNumberField("upstream_output_tokens", TokenClasses.output(sums.upstreamTokens()));
    money(json, "charge", sums.chargeNanoUsd());
    money(json, "overage", sums.overageNanoUsd());
    if (shown == Shown.CHARGE) {
      return;
    }
    money(json, "list", sums.listNanoUsd());
    money(json, "cost", sums.costNanoUsd());
    money(json, "margin", Math.subtractExact(sums.chargeNanoUsd(), sums.costNanoUsd()));
  }

  /** Where no call was made there is no pool. */
  static void dimension(JsonGenerator json, String name, String value) throws IOException {
    if (value.equals(RollUpKey.NO_POOL)) {
      json.writeNullField(name);
    } else {
      json.writeStringField(name, value);
    }
  }

  private static void tokens(JsonGenerator json, String name, Map<String, Long> tokens)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (var entry : tokens.entrySet()) {
      json.writeNumberField(entry.getKey(), entry.getValue());
    }
    json.writeEndObject();
  }

  private static void money(JsonGenerator json, String name, Map<String, Long> amounts)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (var entry : amounts.entrySet()) {
      usd(json, entry.getKey(), entry.getValue());
    }
    json.writeEndObject();
  }

  private static void position(JsonGenerator json, Standing standing) throws IOException {
    json.writeNumberField("usage_records", standing.usageRecords());
    json.writeObjectFieldStart("usage_position");
    if (standing.partition() >= 0) {
      json.writeNumberField(Integer.toString(standing.partition()), standing.offset());
    }
    json.writeEndObject();
  }

  static void money(JsonGenerator json, String name, long nanoUsd) throws IOException {
    usd(json, name + "_usd", nanoUsd);
    nano(json, name + "_nano_usd", nanoUsd);
  }

  private static void nano(JsonGenerator json, String name, long nanoUsd) throws IOException {
    json.writeStringField(name, Long.toString(nanoUsd));
  }

  static void usd(JsonGenerator json, String name, long nanoUsd) throws IOException {
    json.writeStringField(name, new Money(nanoUsd).usd());
  }

  static byte[] object(Content content) {
    var bytes = new ByteArrayOutputStream(1024);
    try (var json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      content.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }
}
