package io.penstock.ingress.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.penstock.schemas.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.LongConsumer;

/** Reads small bodies into memory, within limits that hold whatever the headers say. */
public final class Bodies {

  private static final int FIRST_BYTES = 16 << 10;

  private Bodies() {}

  /**
   * The JSON body of a request.
   *
   * @param bytesMax largest body
   * @throws ApiException when it is larger, or declared as something else than JSON
   */
  public static byte[] json(ServerRequest request, long bytesMax) throws IOException {
    return json(request, bytesMax, bytes -> {});
  }

  /**
   * The JSON body of a request.
   *
   * @param reserve told about memory before it is taken
   */
  static byte[] json(ServerRequest request, long bytesMax, LongConsumer reserve)
      throws IOException {
    var type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("application/json");
    if (!isJson(type)) {
      throw new ApiException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE,
          "The body must be sent as Content-Type: application/json.");
    }
    return read(request, bytesMax, reserve);
  }

  /** Any body. */
  public static byte[] read(ServerRequest request, long bytesMax, LongConsumer reserve)
      throws IOException {
    refuseEncoding(request);
    var declared = request.headers().contentLength();
    if (declared.isPresent()) {
      if (declared.getAsLong() > bytesMax) {
        throw tooLarge(bytesMax);
      }
      var length = (int) declared.getAsLong();
      reserve.accept(length);
      return length == 0 ? new byte[0] : exactly(request.content().inputStream(), length);
    }
    return request.content().hasEntity()
        ? chunked(request.content().inputStream(), bytesMax, reserve)
        : new byte[0];
  }

  /** Refuses compressed bodies, which would make every size limit meaningless. */
  public static void refuseEncoding(ServerRequest request) {
    var encoding = request.headers().first(HeaderNames.CONTENT_ENCODING).orElse("identity");
    if (!encoding.equalsIgnoreCase("identity")) {
      throw new ApiException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE,
          "Compressed bodies are not accepted: send without Content-Encoding.");
    }
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    var body = new byte[length];
    if (in.readNBytes(body, 0, length) < length) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST, "The body ended before its declared length.");
    }
    return body;
  }

  private static byte[] chunked(InputStream in, long bytesMax, LongConsumer reserve)
      throws IOException {
    reserve.accept(FIRST_BYTES);
    var body = new byte[FIRST_BYTES];
    int size = 0;
    for (int read = in.read(body, 0, body.length);
        read >= 0;
        read = in.read(body, size, body.length - size)) {
      size += read;
      if (size > bytesMax) {
        throw tooLarge(bytesMax);
      }
      if (size == body.length) {
        reserve.accept(body.length);
        body = Arrays.copyOf(body, body.length * 2);
      }
    }
    return Arrays.copyOf(body, size);
  }

  private static boolean isJson(String type) {
    var end = type.indexOf(';');
    var media = (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    return media.equals("application/json");
  }

  private static ApiException tooLarge(long bytesMax) {
    return new ApiException(
        ErrorCode.REQUEST_TOO_LARGE,
        "The body is larger than the limit of " + bytesMax + " bytes.");
  }
}
