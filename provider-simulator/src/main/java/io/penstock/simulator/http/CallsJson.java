package io.penstock.simulator.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.simulator.behaviour.Orders;
import io.penstock.simulator.calls.Call;
import io.penstock.simulator.calls.CallOrigin;
import io.penstock.simulator.calls.CallSummary;
import io.penstock.simulator.json.JsonBytes;
import io.penstock.simulator.limit.RateLimits;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The call log as JSON. */
final class CallsJson {
  private CallsJson() {}

  static JsonBytes lines(List<Call> calls) {
    var lines = new JsonBytes(calls.size() * 400 + 16);
    for (var call : calls) {
      lines.append(json -> write(json, call));
      lines.write('\n');
    }
    return lines;
  }

  static JsonBytes request(String requestId, List<Call> calls) {
    return JsonBytes.of(
        1_024,
        json -> {
          json.writeStartObject();
          json.writeStringField("request_id", requestId);
          json.writeNumberField("served", calls.stream().filter(Call::served).count());
          json.writeArrayFieldStart("calls");
          for (var call : calls) {
            write(json, call);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  static JsonBytes summary(CallSummary summary) {
    return JsonBytes.of(
        2_048,
        json -> {
          json.writeStartObject();
          json.writeNumberField("calls", summary.calls());
          json.writeNumberField("served", summary.served());
          json.writeNumberField("client_gone", summary.clientGone());
          json.writeNumberField("input_tokens", summary.inputTokens());
          json.writeNumberField("output_tokens", summary.outputTokens());
          json.writeObjectFieldStart("by_status");
          for (var entry : summary.byStatus().entrySet()) {
            json.writeNumberField(String.valueOf(entry.getKey()), entry.getValue());
          }
          json.writeEndObject();
          json.writeObjectFieldStart("by_fault");
          for (var entry : summary.byFault().entrySet()) {
            json.writeNumberField(entry.getKey().wireName(), entry.getValue());
          }
          json.writeEndObject();
          json.writeObjectFieldStart("by_model");
          for (var entry : summary.byModel().entrySet()) {
            json.writeObjectFieldStart(entry.getKey());
            json.writeNumberField("calls", entry.getValue().calls());
            json.writeNumberField("served", entry.getValue().served());
            json.writeNumberField("input_tokens", entry.getValue().inputTokens());
            json.writeNumberField("output_tokens", entry.getValue().outputTokens());
            json.writeNumberField("refused_429", entry.getValue().refused429());
            json.writeEndObject();
          }
          json.writeEndObject();
          json.writeObjectFieldStart("by_key");
          for (var entry : summary.byKey().entrySet()) {
            json.writeObjectFieldStart(keyName(entry.getKey()));
            json.writeNumberField("calls", entry.getValue().calls());
            json.writeNumberField("served", entry.getValue().served());
            json.writeNumberField("refused_429", entry.getValue().refused429());
            json.writeEndObject();
          }
          json.writeEndObject();
          json.writeNumberField("request_ids", summary.requestIds());
          json.writeNumberField("duplicate_calls", summary.duplicateCalls());
          json.writeNumberField("repeated_calls", summary.repeatedCalls());
          json.writeNumberField("unnamed_calls", summary.unnamedCalls());
          json.writeNumberField("in_flight", summary.inFlight());
          json.writeNumberField("max_in_flight", summary.inFlightMax());
          json.writeNumberField("calls_not_kept", summary.callsNotKept());
          json.writeEndObject();
        });
  }

  static JsonBytes limits(RateLimits limits) {
    return JsonBytes.of(
        64,
        json -> {
          json.writeStartObject();
          writeRate(json, "rpm", limits.requestsPerMinute());
          writeRate(json, "tpm", limits.tokensPerMinute());
          json.writeEndObject();
        });
  }

  static JsonBytes status(String status) {
    return JsonBytes.of(
        64,
        json -> {
          json.writeStartObject();
          json.writeStringField("status", status);
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, Call call) throws IOException {
    json.writeStartObject();
    json.writeNumberField("number", call.number());
    json.writeStringField("request_id", call.requestId());
    json.writeBooleanField("named", call.named());
    json.writeStringField("model", call.model());
    json.writeStringField("dialect", call.origin().surface().wireName());
    json.writeStringField("key", keyName(call.origin().key()));
    json.writeNumberField("attempt", call.attempt());
    json.writeNumberField("started_ms", call.startedMillis());
    json.writeNumberField(
        "ended_ms", call.startedMillis() + (call.endedNanos() - call.startedNanos()) / 1_000_000);
    json.writeNumberField("started_nanos", call.startedNanos());
    json.writeNumberField("ended_nanos", call.endedNanos());
    json.writeNumberField("status", call.status());
    json.writeStringField("fault", call.fault().wireName());
    json.writeBooleanField("open", call.open());
    json.writeBooleanField("served", call.served());
    json.writeBooleanField("client_gone", call.clientGone());
    json.writeNumberField("input_tokens", call.inputTokens());
    json.writeNumberField("output_tokens", call.outputTokens());
    json.writeNumberField("produced_tokens", call.producedTokens());
    json.writeEndObject();
  }

  /** Keys have numbers here, for their text is nobody's business. */
  private static String keyName(int key) {
    return key == CallOrigin.NO_KEY ? "none" : "key-" + key;
  }

  static JsonBytes orders(Map<String, Orders> orders) {
    return JsonBytes.of(
        128,
        json -> {
          json.writeStartObject();
          for (var entry : orders.entrySet()) {
            json.writeStringField(entry.getKey(), entry.getValue().text());
          }
          json.writeEndObject();
        });
  }

  private static void writeRate(JsonGenerator json, String name, OptionalLong perMinute)
      throws IOException {
    if (perMinute.isPresent()) {
      json.writeNumberField(name, perMinute.getAsLong());
    } else {
      json.writeNullField(name);
    }
  }
}
