package io.penstock.billing.alert;

import com.fasterxml.jackson.core.JsonFactory;
import io.penstock.platform.id.Sha256;
import io.penstock.schemas.avro.AuditRecorded;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an organisation hears of a record of {@code audit}: pure.
 *
 * @param type of the event, the record's action
 * @param body JSON, at most {@link #BODY_BYTES_MAX}
 */
record Alert(String type, byte[] body) {

  static final int BODY_BYTES_MAX = 64 << 10;

  private static final int ID_CHARACTERS = 26;
  private static final JsonFactory JSON = new JsonFactory();

  /** Whether an organisation sees the details too, by the actions that it may see at all. */
  private static final Map<String, Boolean> VISIBLE =
      Map.of(
          "budget.threshold",
          true,
          "budget.overage",
          true,
          "price.unknown",
          true,
          // its detail is what providers bill, which is the operator's
          "settlement.late",
          false,
          // that its books stand still concerns it; where and why is the operator's
          "ledger.invariant-broken",
          false);

  /** The alert of a record; null when it is none for its organisation. */
  static @Nullable Alert of(AuditRecorded record) {
    var withDetails = VISIBLE.get(record.getAction());
    if (withDetails == null) {
      return null;
    }
    var body = body(record, withDetails ? record.getDetails() : Map.of(), false);
    return new Alert(
        record.getAction(), body.length <= BODY_BYTES_MAX ? body : body(record, Map.of(), true));
  }

  /**
   * The id of the delivery of a record to an endpoint: the same whenever the record is read, and
   * without a dot, because it is signed between dots.
   */
  static String id(String topic, int partition, long offset, String organization, String endpoint) {
    var digest = Sha256.begin();
    for (var part : new String[] {topic, partition + ":" + offset, organization, endpoint}) {
      var bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
      digest.update(bytes);
    }
    return "evt_" + HexFormat.of().formatHex(digest.digest()).substring(0, ID_CHARACTERS);
  }

  private static byte[] body(AuditRecorded record, Map<String, String> details, boolean truncated) {
    var bytes = new ByteArrayOutputStream(512);
    try (var json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("object", "event");
      json.writeStringField("type", record.getAction());
      json.writeStringField("timestamp", record.getAt().toString());
      json.writeNumberField("created_at", record.getAt().getEpochSecond());
      json.writeObjectFieldStart("data");
      json.writeStringField("organization", record.getOrganization());
      json.writeStringField("subject", record.getSubject());
      json.writeStringField("error_code", record.getErrorCode());
      json.writeObjectFieldStart("details");
      for (var detail : new TreeMap<>(details).entrySet()) {
        json.writeStringField(detail.getKey(), detail.getValue());
      }
      json.writeEndObject();
      if (truncated) {
        json.writeBooleanField("truncated", true);
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }
}
