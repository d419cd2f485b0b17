package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.platform.config.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CredentialTest {

  @TempDir private Path directory;

  @Test
  void whyASecretCannotBeReadIsKnownBeforeACallNeedsIt() throws IOException {
    var file = directory.resolve("key");
    var credential = new Credential(new Secret("file:" + file));

    assertThat(credential.problem()).isEqualTo("secret file " + file + " cannot be read");

    Files.writeString(file, "sk-1234567890");
    assertThat(credential.problem()).isNull();
    assertThat(credential.value()).isEqualTo("sk-1234567890");
  }

  @Test
  void aVariableThatIsNotSetIsNamed() {
    assertThat(new Credential(new Secret("env:PENSTOCK_NOT_SET")).problem())
        .isEqualTo("environment variable PENSTOCK_NOT_SET is not set");
  }

  @Test
  void aPoolThatNeedsNoneHasNoProblem() {
    assertThat(new Credential(null).problem()).isNull();
  }
}
