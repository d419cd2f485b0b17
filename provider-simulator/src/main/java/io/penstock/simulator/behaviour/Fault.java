package io.penstock.simulator.behaviour;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What can go wrong with a call. */
public enum Fault {
  /** Nothing: the call is answered. */
  NONE("none"),
  /** 500 {@code server_error}. */
  HTTP_500("http500"),
  /** 503 {@code server_is_overloaded}. */
  HTTP_503("http503"),
  /** 429 {@code rate_limit_exceeded} with a Retry-After, though no limit is reached. */
  RATE_429("rate429"),
  /** The connection is reset in the middle of the head, or after the first chunks of a stream. */
  RESET("reset"),
  /** 200, but the connection ends before the body does. */
  TRUNCATED("truncated"),
  /** 200 with a complete body that is not the promised JSON. */
  MALFORMED("malformed"),
  /** Silence after accepting the call, or after the first chunks of a stream, then a close. */
  STALL("stall"),
  /** A right answer, much later than usual. */
  SLOW("slow"),
  /** 429 {@code insufficient_quota}: money, not rate. */
  INSUFFICIENT_QUOTA("insufficient-quota"),
  /** 400 {@code context_length_exceeded}. */
  CONTEXT_LENGTH("context-length"),
  /** 400 {@code content_filter}. */
  CONTENT_FILTER("content-filter"),
  /** 401 {@code invalid_api_key}. */
  UNAUTHORIZED("401"),
  /** 502 with an HTML body, as a proxy before the provider sends it. */
  HTML_502("html-502"),
  /** 200 and a complete answer whose content is empty. */
  EMPTY("empty"),
  /** 200 whose body, or a frame of whose stream, is an error object. */
  ERROR_200("error-200");

  private static final String MODEL_PREFIX = "sim-";

  private final String wireName;

  Fault(String wireName) {
    this.wireName = wireName;
  }

  /** The name in profiles, headers, model names (after {@code sim-}) and the call log. */
  public String wireName() {
    return wireName;
  }

  /** The fault that a model name orders, for example {@code sim-500}; empty for ordinary names. */
  public static Optional<Fault> orderedByModel(String model) {
    if (!model.startsWith(MODEL_PREFIX)) {
      return Optional.empty();
    }
    return find(model.substring(MODEL_PREFIX.length())).filter(fault -> fault != NONE);
  }

  /**
   * Reads a wire name; {@code 500}, {@code 503} and {@code 429} are short forms.
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
      case "500" -> Optional.of(HTTP_500);
      case "503" -> Optional.of(HTTP_503);
      case "429" -> Optional.of(RATE_429);
      default -> Arrays.stream(values()).filter(fault -> fault.wireName.equals(wanted)).findFirst();
    };
  }
}
