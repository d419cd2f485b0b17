package io.penstock.ingress.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.penstock.ingress.http.ApiException;
import io.penstock.schemas.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BatchOrderTest {

  private static final String GOOD =
      "\"input_file_id\":\"file-1\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\"";

  @Test
  void anOrderIsReadWhole() {
    var order =
        of(
            "{"
                + GOOD
                + ",\"metadata\":{\"k\":\"v\"},\"output_expires_after\":{\"anchor\":\"created_at\",\"seconds\":3600}}");

    assertThat(order)
        .isEqualTo(
            new BatchOrder("file-1", "/v1/chat/completions", "24h", Map.of("k", "v"), 3_600L));
  }

  @Test
  void metadataAndExpiryMayBeLeftOut() {
    assertThat(of("{" + GOOD + ",\"metadata\":null}"))
        .isEqualTo(new BatchOrder("file-1", "/v1/chat/completions", "24h", Map.of(), null));
  }

  static Stream<Arguments> badOrders() {
    var pairs = new StringBuilder("\"k0\":\"v\"");
    for (int i = 1; i <= 16; i++) {
      pairs.append(",\"k").append(i).append("\":\"v\"");
    }
    return Stream.of(
        arguments("{", ErrorCode.INVALID_JSON, null, "The body is not valid JSON."),
        arguments("", ErrorCode.INVALID_TYPE, null, "The body must be a JSON object."),
        arguments("[]", ErrorCode.INVALID_TYPE, null, "The body must be a JSON object."),
        arguments("[".repeat(10_000), ErrorCode.INVALID_JSON, null, "The body is not valid JSON."),
        arguments(
            "{}",
            ErrorCode.MISSING_REQUIRED_PARAMETER,
            "endpoint",
            "Missing required parameter: 'endpoint'."),
        arguments(
            "{" + GOOD.replace("\"24h\"", "24") + "}",
            ErrorCode.INVALID_TYPE,
            "completion_window",
            "'completion_window' must be a string."),
        arguments(
            "{" + GOOD.replace("24h", "1h") + "}",
            ErrorCode.INVALID_REQUEST,
            "completion_window",
            "'completion_window' must be '24h'."),
        arguments(
            "{" + GOOD.replace("/v1/chat/completions", "/v1/images") + "}",
            ErrorCode.INVALID_REQUEST,
            "endpoint",
            "'endpoint' must be one of /v1/chat/completions, /v1/embeddings."),
        arguments(
            "{" + GOOD + ",\"metadata\":{\"k\":1}}",
            ErrorCode.INVALID_TYPE,
            "metadata",
            "'metadata' must be an object of strings."),
        arguments(
            "{" + GOOD + ",\"metadata\":{" + pairs + "}}",
            ErrorCode.INVALID_REQUEST,
            "metadata",
            "'metadata' must have at most 16 pairs."),
        arguments(
            "{" + GOOD + ",\"metadata\":{\"" + "k".repeat(65) + "\":\"v\"}}",
            ErrorCode.INVALID_REQUEST,
            "metadata",
            "Keys of 'metadata' must have at most 64 characters, values at most 512."),
        arguments(
            "{" + GOOD + ",\"output_expires_after\":{\"anchor\":\"now\",\"seconds\":3600}}",
            ErrorCode.INVALID_REQUEST,
            "output_expires_after.anchor",
            "'anchor' must be 'created_at'."),
        arguments(
            "{" + GOOD + ",\"output_expires_after\":{\"anchor\":\"created_at\",\"seconds\":10}}",
            ErrorCode.INVALID_REQUEST,
            "output_expires_after.seconds",
            "'seconds' must be a whole number from 3600 to 2592000."));
  }

  @ParameterizedTest
  @MethodSource("badOrders")
  void aBadOrderIsRefusedByName(
      String body, ErrorCode code, @Nullable String param, String message) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> of(body))
        .satisfies(
            refusal -> {
              assertThat(refusal.code()).isEqualTo(code);
              assertThat(refusal.param()).isEqualTo(param);
              assertThat(refusal.message()).isEqualTo(message);
            });
  }

  @Test
  void anIdempotencyKeyNamesTheSameBatchWithinAnOrganisationOnly() {
    var ids = new BatchIds(new io.penstock.platform.id.Ids());
    var now = BatchFixture.T0;

    assertThat(ids.next("acme", "k", now)).isEqualTo(ids.next("acme", "k", now.plusSeconds(9)));
    assertThat(ids.next("acme", "k", now)).isNotEqualTo(ids.next("globex", "k", now));
    assertThat(ids.next("acme", null, now)).isNotEqualTo(ids.next("acme", null, now));
  }

  private static BatchOrder of(String body) {
    return BatchOrder.of(body.getBytes(StandardCharsets.UTF_8));
  }
}
