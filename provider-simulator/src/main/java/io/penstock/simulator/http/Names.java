package io.penstock.simulator.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;

/** The headers that are read and written, each made once. */
final class Names {
  static final HeaderName REQUEST_ID = HeaderNames.create("x-request-id");
  static final HeaderName PROCESSING_MILLIS = HeaderNames.create("openai-processing-ms");
  static final HeaderName RETRY_AFTER = HeaderNames.create("retry-after");
  static final HeaderName RETRY_AFTER_MILLIS = HeaderNames.create("retry-after-ms");
  static final HeaderName FAULT = HeaderNames.create("x-sim-fault");
  static final HeaderName ANSWER = HeaderNames.create("x-sim-answer");
  static final HeaderName ORDERS = HeaderNames.create("x-sim-orders");
  static final HeaderName API_KEY_ANTHROPIC = HeaderNames.create("x-api-key");
  static final HeaderName API_KEY_GOOGLE = HeaderNames.create("x-goog-api-key");
  static final HeaderName API_KEY_AZURE = HeaderNames.create("api-key");
  static final HeaderName REQUEST_ID_ANTHROPIC = HeaderNames.create("request-id");
  static final HeaderName REQUEST_ID_AZURE = HeaderNames.create("apim-request-id");
  static final HeaderName FAULT_TIMES = HeaderNames.create("x-sim-fault-times");

  static final HeaderName LIMIT_REQUESTS = HeaderNames.create("x-ratelimit-limit-requests");
  static final HeaderName LIMIT_TOKENS = HeaderNames.create("x-ratelimit-limit-tokens");
  static final HeaderName REMAINING_REQUESTS = HeaderNames.create("x-ratelimit-remaining-requests");
  static final HeaderName REMAINING_TOKENS = HeaderNames.create("x-ratelimit-remaining-tokens");
  static final HeaderName RESET_REQUESTS = HeaderNames.create("x-ratelimit-reset-requests");
  static final HeaderName RESET_TOKENS = HeaderNames.create("x-ratelimit-reset-tokens");

  static final Header JSON = HeaderValues.createCached("content-type", "application/json");
  static final Header HTML = HeaderValues.createCached("content-type", "text/html; charset=UTF-8");
  static final Header EVENTS =
      HeaderValues.createCached("content-type", "text/event-stream; charset=utf-8");
  static final Header TEXT = HeaderValues.createCached("content-type", "text/plain; charset=utf-8");
  static final Header JSON_LINES = HeaderValues.createCached("content-type", "application/jsonl");
  static final Header VERSION = HeaderValues.createCached("openai-version", "2020-10-01");

  private Names() {}
}
