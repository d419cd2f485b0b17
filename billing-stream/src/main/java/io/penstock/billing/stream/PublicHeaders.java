package io.penstock.billing.stream;

import io.penstock.schemas.avro.BalanceChanged;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.UsageRecorded;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Headers of the public topics: CloudEvents 1.0 in binary mode, and the trace of the request where
 * there is one.
 */
public final class PublicHeaders {

  private static final String TRACE = "traceparent";

  private PublicHeaders() {}

  static Headers of(LedgerEntryPosted entry, Headers usage) {
    var headers =
        cloudEvent(entry.getEntryId(), "io.penstock.ledger-entry-posted", entry.getBookedAt());
    var trace = usage.lastHeader(TRACE);
    if (trace != null) {
      headers.add(trace);
    }
    return headers;
  }

  static Headers of(BalanceChanged balance) {
    var id =
        BalancePublisher.key(balance.getOrganization(), balance.getAccount())
            + "#"
            + balance.getSequence();
    return cloudEvent(id, "io.penstock.balance-changed", balance.getAt());
  }

  /** Of a correction, which billing itself puts on {@code usage}. */
  public static Headers of(UsageRecorded correction) {
    return cloudEvent(
        correction.getUsageId(), "io.penstock.usage-recorded", correction.getRecordedAt());
  }

  private static Headers cloudEvent(String id, String type, Instant at) {
    var headers = new RecordHeaders();
    add(headers, "ce_specversion", "1.0");
    add(headers, "ce_id", id);
    add(headers, "ce_source", "/penstock/billing");
    add(headers, "ce_type", type);
    add(headers, "ce_time", at.toString());
    add(headers, "content-type", "application/avro");
    return headers;
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
