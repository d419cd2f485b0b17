package io.penstock.platform.error;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ErrorEnvelopeTest {

  /** Clients switch on these bytes: a changed line is a changed contract. */
  @Test
  void everyErrorLooksAsItAlwaysDid() throws IOException {
    var envelopes = new StringBuilder();
    for (var code : ErrorCode.values()) {
      envelopes
          .append(code.httpStatus())
          .append(' ')
          .append(
              new String(
                  ErrorEnvelope.json(code, "param", "A \"message\".", "req_1"),
                  StandardCharsets.UTF_8))
          .append('\n');
    }
    envelopes
        .append("500 ")
        .append(
            new String(
                ErrorEnvelope.json(ErrorCode.INTERNAL_ERROR, null, "é", null),
                StandardCharsets.UTF_8))
        .append('\n');

    assertThat(envelopes.toString()).isEqualTo(golden("error-envelopes.txt"));
  }

  private static String golden(String name) throws IOException {
    try (var stream = ErrorEnvelopeTest.class.getResourceAsStream("/golden/" + name)) {
      return stream == null ? "" : new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
