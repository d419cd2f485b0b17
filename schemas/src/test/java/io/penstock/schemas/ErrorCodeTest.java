package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class ErrorCodeTest {

  @Test
  void theRegistryIsTheOneThatCallersKnow() throws IOException {
    var lines =
        Arrays.stream(ErrorCode.values())
            .map(
                code ->
                    String.join(
                        " | ",
                        code.wire(),
                        Integer.toString(code.httpStatus()),
                        code.type(),
                        code.retryable() ? "retryable" : "final",
                        code.party().name()))
            .collect(Collectors.joining("\n", "", "\n"));

    Golden.check("error-codes.txt", lines);
  }

  @Test
  void aCodeIsFoundByItsNameOnTheWireAndAnUnknownOneIsUnknown() {
    for (var code : ErrorCode.values()) {
      assertThat(ErrorCode.ofWire(code.wire())).isEqualTo(code);
    }
    assertThat(ErrorCode.ofWire("from_the_future")).isEqualTo(ErrorCode.UNKNOWN);
  }
}
