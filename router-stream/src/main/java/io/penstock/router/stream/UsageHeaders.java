package io.penstock.router.stream;

import io.penstock.schemas.avro.UsageRecorded;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Headers of the public topic {@code usage}: CloudEvents 1.0 in binary mode, and the trace of the
 * request. {@code docs/asyncapi.yaml} promises them.
 */
final class UsageHeaders {

  private UsageHeaders() {}

  /** Those of the request, and the attributes of the event. */
  static Headers of(UsageRecorded usage, Headers request) {
    var headers = new RecordHeaders(request.toArray());
    add(headers, "ce_specversion", "1.0");
    add(headers, "ce_id", usage.getUsageId());
    add(headers, "ce_source", "/penstock/router");
    add(headers, "ce_type", "io.penstock.usage-recorded");
    add(headers, "ce_time", usage.getRecordedAt().toString());
    add(headers, "content-type", "application/avro");
    return headers;
  }

  private static void add(RecordHeaders headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
