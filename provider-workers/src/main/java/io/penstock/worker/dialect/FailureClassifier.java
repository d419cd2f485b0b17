package io.penstock.worker.dialect;

import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a refusal means. The provider's own words decide before the status does: a 429 may be about
 * rate, capacity or money, and only the first is worth waiting for.
 */
public final class FailureClassifier {

  private static final int MESSAGE_CHARACTERS_MAX = 500;
  private static final int BODY_BYTES_MAX = 8 << 10;

  private FailureClassifier() {}

  /** The failure of an answer whose status is not a success. */
  public static Failure classify(int status, Headers headers, byte[] body, Instant now) {
    var error = ProviderError.parse(body);
    var kind = kind(status, error);
    var waits = kind == FailureKind.RATE_LIMITED || kind == FailureKind.OVERLOADED || status >= 500;
    var wait = waits ? RetryAfter.of(headers, error, now) : null;
    return failure(
        kind, status, error, body, wait == null ? null : Math.ceilDiv(wait.toNanos(), 1_000_000L));
  }

  /** The failure of a 200 whose body is an error object. */
  public static Failure classifyError200(byte[] body) {
    var error = ProviderError.parse(body);
    var code = error.code();
    var status = code != null && code.matches("[45]\\d\\d") ? Integer.parseInt(code) : 200;
    var kind = status == 200 ? byWords(error) : kind(status, error);
    return failure(kind == null ? FailureKind.UNUSABLE : kind, 200, error, body, null);
  }

  /** A failure that we found ourselves in an answer. */
  public static Failure unusable(int status, String message, byte[] body) {
    return new Failure(
        FailureKind.UNUSABLE, status, null, message, null, body.length == 0 ? null : capped(body));
  }

  private static Failure failure(
      FailureKind kind,
      int status,
      ProviderError error,
      byte[] body,
      @Nullable Long retryAfterMillis) {
    var code = error.code() == null ? error.type() : error.code();
    return new Failure(
        kind,
        status,
        code == null ? null : capped(code),
        message(status, error),
        retryAfterMillis,
        body.length == 0 ? null : capped(body));
  }

  private static String message(int status, ProviderError error) {
    var message = error.message();
    return message == null || !error.json()
        ? "the provider answered with status " + status
        : capped(message);
  }

  private static String capped(String text) {
    return text.length() <= MESSAGE_CHARACTERS_MAX
        ? text
        : text.substring(0, MESSAGE_CHARACTERS_MAX);
  }

  private static ByteBuffer capped(byte[] body) {
    return ByteBuffer.wrap(
        body.length <= BODY_BYTES_MAX ? body : Arrays.copyOf(body, BODY_BYTES_MAX));
  }

  private static FailureKind kind(int status, ProviderError error) {
    if (status == 401) {
      return FailureKind.AUTHENTICATION;
    }
    if (status == 402) {
      return FailureKind.PROVIDER_BUDGET;
    }
    var byWords = byWords(error);
    // a server that broke may say anything
    if (byWords != null && (status < 500 || byWords == FailureKind.OVERLOADED)) {
      return byWords == FailureKind.RATE_LIMITED && status == 413
          ? FailureKind.CONTEXT_TOO_LONG
          : byWords;
    }
    return byStatus(status);
  }

  private static FailureKind byStatus(int status) {
    return switch (status) {
      case 403 -> FailureKind.AUTHENTICATION;
      case 404, 410 -> FailureKind.NOT_FOUND;
      case 408, 504, 524 -> FailureKind.TIMEOUT;
      case 429 -> FailureKind.RATE_LIMITED;
      case 498, 503, 529 -> FailureKind.OVERLOADED;
      case 409, 424, 425, 499 -> FailureKind.SERVER_ERROR;
      default -> {
        if (status >= 500) {
          yield FailureKind.SERVER_ERROR;
        }
        if (status >= 400) {
          yield FailureKind.BAD_REQUEST;
        }
        // a redirect is a wrong address; anything else is no answer to a call
        yield status >= 300 ? FailureKind.NOT_FOUND : FailureKind.UNUSABLE;
      }
    };
  }

  private static @Nullable FailureKind byWords(ProviderError error) {
    if (isMoney(error)) {
      return FailureKind.PROVIDER_BUDGET;
    }
    if (error.is("context_length_exceeded", "string_above_max_length")
        || error.says(
            "maximum context length",
            "context window",
            "context length",
            "context limit",
            "prompt is too long",
            "input is too long",
            "exceeds the maximum number of tokens")) {
      return FailureKind.CONTEXT_TOO_LONG;
    }
    if (error.is("content_filter", "content_policy_violation", "responsibleaipolicyviolation")
        || error.details().path("metadata").has("reasons")) {
      return FailureKind.CONTENT_POLICY;
    }
    if (error.is("invalid_api_key", "authentication_error", "permission_error")
        || error.says("api key not valid")) {
      return FailureKind.AUTHENTICATION;
    }
    if (error.is("model_not_found", "not_found_error", "deploymentnotfound", "not_found")) {
      return FailureKind.NOT_FOUND;
    }
    if (error.is(
            "server_is_overloaded",
            "overloaded_error",
            "engine_overloaded",
            "engine_overloaded_error",
            "capacity_exceeded",
            "unavailable")
        || error.says("currently overloaded", "model is overloaded")) {
      return FailureKind.OVERLOADED;
    }
    if (error.is("rate_limit_exceeded", "rate_limit_error", "rate_limited", "slow_down")) {
      return FailureKind.RATE_LIMITED;
    }
    if (error.is("tool_use_failed")) {
      // the model's own slip while sampling: the same request may well succeed
      return FailureKind.UNUSABLE;
    }
    return null;
  }

  private static boolean isMoney(ProviderError error) {
    return error.is(
            "insufficient_quota",
            "credit_balance_exhausted",
            "billing_error",
            "billing_hard_limit_reached",
            "billing_not_active",
            "insufficient_balance",
            "enforced_spend_limit_reached")
        || error.says("insufficient balance", "api usage limits", "credit balance is too low")
        || perDay(error);
  }

  /** Google's daily quota: waiting for it takes longer than any caller does. */
  private static boolean perDay(ProviderError error) {
    for (var detail : error.details().path("details")) {
      for (var violation : detail.path("violations")) {
        if (violation.path("quotaId").asText().contains("PerDay")) {
          return true;
        }
      }
    }
    return false;
  }
}
