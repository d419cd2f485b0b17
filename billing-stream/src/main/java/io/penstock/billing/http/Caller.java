package io.penstock.billing.http;

import io.helidon.webserver.http.ServerRequest;
import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.http.PresentedKey;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.Role;
import java.time.Instant;

/**
 * Who asks, and whose books the question is about.
 *
 * @param key the key that was used
 * @param organization the caller's own, or the one that a super administrator names
 */
record Caller(ApiKeyEntry key, String organization) {

  private static final String ORGANIZATION = "organization";

  /**
   * The caller of a request.
   *
   * @throws Refusal when the key is missing or not usable, or may not see the organisation
   */
  static Caller of(ServerRequest request, ApiKeys keys, Catalog catalog, Instant now)
      throws Refusal {
    var secret = PresentedKey.of(request.headers());
    if (secret == null) {
      throw new Refusal(ErrorCode.INVALID_API_KEY, null, PresentedKey.MISSING);
    }
    var key = keys.authenticate(catalog, secret, now);
    if (key == null) {
      throw new Refusal(ErrorCode.INVALID_API_KEY, null, PresentedKey.INCORRECT);
    }
    return new Caller(key, organization(request, key));
  }

  /**
   * An organisation that the caller may not see is not there, so that nobody can look for names.
   */
  private static String organization(ServerRequest request, ApiKeyEntry key) throws Refusal {
    var named = request.query().first(ORGANIZATION).orElse(key.getOrganization());
    if (!named.equals(key.getOrganization()) && key.getRole() != Role.SUPER_ADMIN) {
      throw noOrganization();
    }
    return named;
  }

  static Refusal noOrganization() {
    return new Refusal(ErrorCode.NOT_FOUND, ORGANIZATION, "There is no such organization.");
  }

  /** What the caller sees of the books that he asks for. */
  Shown shown() {
    return key.getRole() == Role.SUPER_ADMIN ? Shown.EVERYTHING : Shown.CHARGE;
  }

  /**
   * @throws Refusal when the caller does not administer the installation
   */
  void requireSuperAdministrator() throws Refusal {
    if (key.getRole() != Role.SUPER_ADMIN) {
      throw new Refusal(
          ErrorCode.PERMISSION_DENIED, null, "Only a super administrator may do this.");
    }
  }
}
