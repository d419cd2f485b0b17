package io.penstock.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.WritableHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PresentedKeyTest {

  @ParameterizedTest
  @CsvSource({
    "Authorization, Bearer sk-1, sk-1",
    "Authorization, bearer  sk-1, sk-1",
    "x-api-key, sk-1, sk-1",
    "api-key, sk-1, sk-1",
    "x-goog-api-key, sk-1, sk-1",
    "Authorization, Basic c2stMQ==,",
    "Authorization, 'Bearer ',",
    "x-api-key, ' ',",
    "x-other, sk-1,"
  })
  void theKeyIsFoundWhereClientLibrariesPutIt(String name, String value, @Nullable String secret) {
    assertThat(PresentedKey.of(headers(name, value))).isEqualTo(secret);
  }

  @Test
  void anotherKindOfAuthorizationHidesNoKeyBehindIt() {
    var headers = WritableHeaders.create();
    headers.set(HeaderNames.AUTHORIZATION, "Basic c2stMQ==");
    headers.set(HeaderNames.create("x-api-key"), "sk-1");

    assertThat(PresentedKey.of(ServerRequestHeaders.create(headers))).isNull();
  }

  private static ServerRequestHeaders headers(String name, String value) {
    var headers = WritableHeaders.create();
    headers.set(HeaderNames.create(name), value);
    return ServerRequestHeaders.create(headers);
  }
}
