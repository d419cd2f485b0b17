package io.penstock.simulator.behaviour;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What can go wrong with a call. The descriptions are the documentation: a test writes them into
 * {@code docs/simulator.md}.
 */
public enum Fault {
  /** Nothing: the call is answered. */
  NONE("none", "nothing: the call is answered, whatever else was planned"),

  /** 400. */
  BAD_REQUEST("http400", Trouble.BAD_REQUEST, "400, a parameter is wrong"),
  /** 401. */
  UNAUTHORIZED("401", Trouble.UNAUTHORIZED, "401, the key is wrong"),
  /** 402. */
  PAYMENT_REQUIRED("http402", Trouble.PAYMENT, "402, the account must pay first"),
  /** 403. */
  FORBIDDEN("http403", Trouble.FORBIDDEN, "403, the key may not do this"),
  /** 404. */
  MODEL_UNKNOWN("http404", Trouble.MODEL_UNKNOWN, "404, no such model"),
  /** 408. */
  REQUEST_TIMEOUT("http408", Trouble.REQUEST_TIMEOUT, "408, the request took too long to arrive"),
  /** 413. */
  TOO_LARGE(
      "http413", Trouble.TOO_LARGE, "413; on Anthropic's surface from the proxy in front, in HTML"),
  /** 429 with a Retry-After, though no limit is reached. */
  RATE_429(
      "rate429",
      Trouble.RATE,
      "429 for rate, with `retry-after` in seconds and `retry-after-ms`; on Gemini's surface `RetryInfo`"),
  /** 429 with whole seconds only. */
  RATE_429_SECONDS(
      "rate429-seconds", Trouble.RATE, "429 for rate, with `retry-after` in seconds only"),
  /** 429 with an HTTP date. */
  RATE_429_DATE("rate429-date", Trouble.RATE, "429 for rate, with `retry-after` as HTTP date"),
  /** 429 with milliseconds only. */
  RATE_429_MILLIS("rate429-ms", Trouble.RATE, "429 for rate, with `retry-after-ms` only"),
  /** 429 without any hint. */
  RATE_429_BARE("rate429-none", Trouble.RATE, "429 for rate, without any hint when to come back"),
  /** 429, capacity. */
  CAPACITY_429(
      "capacity429", Trouble.CAPACITY, "429 for capacity (`slow_down` on OpenAI's surface)"),
  /** 429: money, not rate. */
  INSUFFICIENT_QUOTA("insufficient-quota", Trouble.MONEY, "429 for money: no use in coming back"),
  /** 500. */
  HTTP_500("http500", Trouble.SERVER, "500, the provider failed"),
  /** 502 as JSON. */
  HTTP_502("http502", Trouble.BAD_GATEWAY, "502 with an error object"),
  /** 502 with an HTML body, as a proxy before the provider sends it. */
  HTML_502("html-502", "502 with an HTML page, as a proxy in front sends it"),
  /** 503. */
  HTTP_503("http503", Trouble.OVERLOADED, "503, overloaded"),
  /** 504. */
  HTTP_504(
      "http504", Trouble.GATEWAY_TIMEOUT, "504, what is in front of the provider waited too long"),
  /** 529. */
  HTTP_529("http529", Trouble.OVERLOADED_529, "529, overloaded"),
  /** The prompt does not fit. */
  CONTEXT_LENGTH(
      "context-length", Trouble.CONTEXT, "400, the prompt does not fit the context window"),
  /** The prompt is not allowed. */
  CONTENT_FILTER(
      "content-filter",
      Trouble.POLICY,
      "400, the prompt is not allowed; on Gemini's surface 200 without candidates"),
  /** Only who gives the beginning of the answer is refused. */
  PREFILL_UNSUPPORTED(
      "prefill-unsupported",
      Trouble.PREFILL,
      "400 for calls that give the answer's beginning; others are answered"),

  /** The connection is reset in the middle of the head, or in a stream. */
  RESET(
      "reset",
      "the connection is reset in the middle of the head, or after the first events of a stream"),
  /** The connection is reset before anything was sent. */
  RESET_BEFORE_HEAD("reset-before-head", "the connection is reset before a byte of the answer"),
  /** Nothing is ever sent. */
  SILENT("silent", "no byte of an answer, then a close"),
  /** Head, then nothing. */
  HEAD_ONLY("head-only", "200 and its headers, then silence, then a close"),
  /** Silence after accepting the call, or after the first chunks of a stream, then a close. */
  STALL(
      "stall", "no byte of an answer, or silence after the first events of a stream, then a close"),
  /** 200, but the connection ends before the body does. */
  TRUNCATED(
      "truncated",
      "200, but the connection ends in the middle of the body, or after the first events of a stream"),
  /** As truncated. */
  CUT("cut", "the same as truncated"),
  /** The HTTP body is complete, the stream or the JSON in it is not. */
  ENDS_EARLY(
      "ends-early",
      "200 and a complete HTTP body, which ends in the middle of the JSON, or after the first events of a stream without any end marker"),

  /** 200 with a complete body that is not the promised JSON. */
  MALFORMED(
      "malformed",
      "200 with half of the JSON or an HTML page; a stream has a broken event and then only its end marker"),
  /** One event is broken. */
  MALFORMED_EVENT(
      "malformed-event",
      "one event of a stream is broken, all others are right; otherwise as json-broken"),
  /** Not JSON at all. */
  JSON_BROKEN("json-broken", "200 with a body that is almost JSON"),
  /** HTML with 200. */
  HTML_200("html-200", "200 with an HTML page"),
  /** Right body, wrong label. */
  CONTENT_TYPE_WRONG("wrong-content-type", "the right answer, labelled text/plain"),
  /** Bytes that look like gzip. */
  GARBAGE("garbage", "200 with bytes that look like gzip and are labelled as JSON or events"),
  /** The last marker of a stream is missing. */
  NO_DONE(
      "no-done",
      "a stream without its end marker ([DONE], message_stop, response.completed); Gemini has none to leave out"),
  /** No reason why the answer ended. */
  NO_FINISH(
      "no-finish",
      "an answer that never says why it ended, and a stream without its end marker as well"),
  /** CRLF. */
  CRLF("crlf", "a stream whose lines end with CRLF"),
  /** CR. */
  CR("cr", "a stream whose lines end with CR"),
  /** No blank after the colon. */
  NO_SPACE("no-space", "a stream without the blank after `data:`"),
  /** Pieces that end anywhere. */
  SPLIT_UTF8(
      "split-utf8",
      "a stream of many scripts, written byte by byte: pieces end within characters and within line ends"),
  /** Comments between the events. */
  COMMENTS(
      "comments",
      "a stream with comment lines between its events; otherwise blank lines before the JSON"),
  /** Only signs of life. */
  COMMENTS_ONLY(
      "comments-only", "200, then only signs of life (comment lines, blank lines), then a close"),
  /** A right answer, much later than usual. */
  SLOW("slow", "a right answer, much later than usual"),
  /** A right answer, piece by piece. */
  DRIP("drip", "a right answer that begins at once and comes in small pieces over a long time"),

  /** Nothing said. */
  EMPTY("empty", "200 and a complete answer whose content is empty"),
  /** No answer in the answer. */
  EMPTY_CHOICES("empty-choices", "200 without any choice, content block or candidate"),
  /** The answer's bound is reached early. */
  LENGTH("length", "half of the answer, with the reason that its bound was reached"),
  /** The model does not want to. */
  REFUSAL("refusal", "the model refuses"),
  /** The answer is not allowed. */
  FILTERED("filtered", "the answer is stopped by a content filter"),
  /** Not what the schema says. */
  SCHEMA_INVALID("schema-invalid", "an answer in JSON that does not fit the schema"),
  /** Not even JSON. */
  NOT_JSON("not-json", "an answer in prose where JSON was asked for"),
  /** A tool call whose arguments are no JSON. */
  TOOL_BROKEN("tool-broken", "a tool call whose arguments end in the middle"),
  /** Much too long. */
  HUGE("huge", "an answer of 60,000 words"),
  /** No usage. */
  USAGE_MISSING("no-usage", "an answer without usage"),
  /** Half a usage. */
  USAGE_PARTIAL("partial-usage", "an answer whose usage tells only the input"),

  /** 200 whose body, or an event of whose stream, is an error object. */
  ERROR_200(
      "error-200",
      "200 whose body, or an event after the first ones, is an error object; Anthropic names that event error"),
  /** A named error event. */
  ERROR_EVENT("error-event", "as error-200, the event named error in every dialect"),
  /** An error beside a finish reason. */
  ERROR_FINISH(
      "error-finish",
      "as error-200, the error beside choices with finish_reason error, as OpenRouter sends it (OpenAI's surface)"),
  /** An error after the finish. */
  ERROR_AFTER_FINISH(
      "error-after-finish", "as error-200, but after the event with the finish reason"),
  /** The error Groq sends. */
  ERROR_GROQ("error-groq", "as error-200, the error a text in x_groq (OpenAI's surface)");

  private final String wireName;
  private final @Nullable Trouble trouble;
  private final String description;

  Fault(String wireName, String description) {
    this(wireName, null, description);
  }

  Fault(String wireName, @Nullable Trouble trouble, String description) {
    this.wireName = wireName;
    this.trouble = trouble;
    this.description = description;
  }

  /** The name in profiles, headers, model names and the call log. */
  public String wireName() {
    return wireName;
  }

  /** One sentence for readers of the documentation. */
  public String description() {
    return description;
  }

  /** The error with a status of its own that this fault is; empty for all others. */
  public Optional<Trouble> trouble() {
    return Optional.ofNullable(trouble);
  }

  /**
   * Reads a wire name; for errors a bare status will do as well.
   *
   * @throws IllegalArgumentException if there is no such fault; the message lists all
   */
  public static Fault parse(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown fault '"
                        + name
                        + "'; known are "
                        + Arrays.stream(values())
                            .map(Fault::wireName)
                            .collect(Collectors.joining(", "))));
  }

  /** The fault of a wire name, or empty. */
  public static Optional<Fault> find(String name) {
    var wanted = name.strip().toLowerCase(Locale.ROOT);
    return switch (wanted) {
      case "429" -> Optional.of(RATE_429);
      case "slow-down" -> Optional.of(CAPACITY_429);
      default ->
          Arrays.stream(values())
              .filter(
                  fault ->
                      fault.wireName.equals(wanted)
                          || fault.wireName.startsWith("http")
                              && fault.wireName.substring("http".length()).equals(wanted))
              .findFirst();
    };
  }
}
