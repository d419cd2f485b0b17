package io.penstock.billing.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class SignatureTest {

  /** A known answer of the reference libraries (Svix, Standard Webhooks). */
  @Test
  void aDeliveryIsSignedAsTheReferenceLibrariesDo() {
    var key = Signature.key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

    var signature =
        Signature.of(
            key,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            Instant.ofEpochSecond(1_614_265_330),
            "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8));

    assertThat(signature).isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void aSecretWithoutPrefixIsTakenAsItIs() {
    assertThat(Signature.key("a secret of thirty-odd characters"))
        .isEqualTo("a secret of thirty-odd characters".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aShortOrBrokenSecretIsRefusedAndNotRepeated() {
    assertThatThrownBy(() -> Signature.key("short"))
        .hasMessage("the secret has fewer than 24 bytes");
    assertThatThrownBy(() -> Signature.key("whsec_"))
        .hasMessage("the secret has fewer than 24 bytes");
    assertThatThrownBy(() -> Signature.key("whsec_!"))
        .hasMessage("the secret is no Base64 after whsec_");
  }
}
