package io.penstock.platform.catalog;

import static io.penstock.platform.catalog.Entries.AT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.avro.ApiKeyEntry;
import org.junit.jupiter.api.Test;

final class ApiKeysTest {

  private static final String SECRET = "sk-penstock-secret";

  private final ApiKeys keys = new ApiKeys("a pepper for tests only");

  private Catalog catalog(ApiKeyEntry.Builder key, boolean organizationActive) {
    return new Entries().organization("acme", organizationActive).key(key.build()).catalog();
  }

  private ApiKeyEntry.Builder key() {
    return Entries.keyOf("key-1", "acme", keys.hash(SECRET));
  }

  @Test
  void aSecretOpensTheKeyWithItsHash() {
    var authenticated = keys.authenticate(catalog(key(), true), SECRET, AT);

    assertThat(authenticated).isNotNull();
    assertThat(authenticated.getId()).isEqualTo("key-1");
  }

  @Test
  void anythingElseOpensNothing() {
    var catalog = catalog(key(), true);

    assertThat(keys.authenticate(catalog, SECRET + " ", AT)).isNull();
    assertThat(keys.authenticate(catalog, "", AT)).isNull();
    assertThat(keys.authenticate(catalog, keys.hash(SECRET), AT))
        .as("the hash is no secret")
        .isNull();
    assertThat(keys.authenticate(Catalog.EMPTY, SECRET, AT)).isNull();
  }

  @Test
  void aKeyThatIsSwitchedOffOpensNothing() {
    assertThat(keys.authenticate(catalog(key().setActive(false), true), SECRET, AT)).isNull();
  }

  @Test
  void aKeyOfAnOrganisationThatIsSwitchedOffOrUnknownOpensNothing() {
    assertThat(keys.authenticate(catalog(key(), false), SECRET, AT)).isNull();
    assertThat(keys.authenticate(new Entries().key(key().build()).catalog(), SECRET, AT)).isNull();
  }

  @Test
  void aKeyOpensUntilItExpiresAndNotAtThatMoment() {
    var catalog = catalog(key().setExpiresAt(AT), true);

    assertThat(keys.authenticate(catalog, SECRET, AT.minusMillis(1))).isNotNull();
    assertThat(keys.authenticate(catalog, SECRET, AT)).isNull();
  }

  @Test
  void hashesOfAnotherInstallationAreOthers() {
    assertThat(new ApiKeys("another pepper for tests").hash(SECRET))
        .matches("[0-9a-f]{64}")
        .isNotEqualTo(keys.hash(SECRET));
    assertThat(keys.hash(SECRET)).isEqualTo(keys.hash(SECRET));
  }

  @Test
  void aShortPepperIsRefusedAndNotRepeated() {
    assertThatThrownBy(() -> new ApiKeys("short"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the pepper of API keys must have at least 16 characters");
  }
}
