package io.penstock.ingress.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.penstock.platform.id.Sha256;
import io.penstock.schemas.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The key under which a caller may ask again without being served, and charged, twice.
 *
 * @param value as the caller chose it; unique within its organisation
 * @param fingerprint tells the same request from another one under the same key
 */
public record IdempotencyKey(String value, String fingerprint) {

  private static final HeaderName HEADER = HeaderNames.create("idempotency-key");
  private static final int LENGTH_MAX = 255;

  /**
   * The key of a request.
   *
   * @param path that was asked for
   * @param body as it came
   * @return null when there is none
   * @throws ApiException when nobody could have meant it as one
   */
  public static @Nullable IdempotencyKey of(
      ServerRequestHeaders headers, String path, byte[] body) {
    var value = value(headers);
    return value == null ? null : new IdempotencyKey(value, fingerprint(path, body));
  }

  /**
   * What the caller chose; the quotes that the header's draft standard wants are not part of it.
   *
   * @return null when there is none
   * @throws ApiException when nobody could have meant it as one
   */
  public static @Nullable String value(ServerRequestHeaders headers) {
    var sent = headers.first(HEADER).orElse(null);
    return sent == null ? null : checked(unquoted(sent.strip()));
  }

  private static String unquoted(String sent) {
    return sent.length() > 1 && sent.startsWith("\"") && sent.endsWith("\"")
        ? sent.substring(1, sent.length() - 1)
        : sent;
  }

  private static String checked(String value) {
    var printable = value.chars().allMatch(c -> c >= ' ' && c <= '~');
    if (value.isBlank() || value.length() > LENGTH_MAX || !printable) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST,
          "The Idempotency-Key must have 1 to " + LENGTH_MAX + " printable ASCII characters.");
    }
    return value;
  }

  private static String fingerprint(String path, byte[] body) {
    var digest = Sha256.begin();
    digest.update(path.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    return HexFormat.of().formatHex(digest.digest(body));
  }
}
