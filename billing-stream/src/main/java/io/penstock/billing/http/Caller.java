package io.penstock.billing.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.Catalog;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.Role;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who asks, and whose books the question is about.
 *
 * @param key the key that was used
 * @param organization the caller's own, or the one that a super administrator names
 */
record Caller(ApiKeyEntry key, String organization) {

  private static final HeaderName API_KEY = HeaderNames.create("x-api-key");
  private static final String BEARER = "Bearer ";
  private static final String ORGANIZATION = "organization";

  /**
   * The caller of a request.
   *
   * @throws Refusal when the key is missing or not usable, or may not see the organisation
   */
  static Caller of(ServerRequest request, ApiKeys keys, Catalog catalog, Instant now)
      throws Refusal {
    var secret = secret(request);
    if (secret == null) {
      throw new Refusal(
          ErrorCode.INVALID_API_KEY,
          null,
          "You didn't provide an API key. Send it as \"Authorization: Bearer KEY\" or as"
              + " \"x-api-key: KEY\".");
    }
    var key = keys.authenticate(catalog, secret, now);
    if (key == null) {
      throw new Refusal(ErrorCode.INVALID_API_KEY, null, "Incorrect API key provided.");
    }
    return new Caller(key, organization(request, key));
  }

  /**
   * An organisation that the caller may not see is not there, so that nobody can look for names.
   */
  private static String organization(ServerRequest request, ApiKeyEntry key) throws Refusal {
    var named = request.query().first(ORGANIZATION).orElse(key.getOrganization());
    if (!named.equals(key.getOrganization()) && key.getRole() != Role.SUPER_ADMIN) {
      throw new Refusal(ErrorCode.NOT_FOUND, ORGANIZATION, "There is no such organization.");
    }
    return named;
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

  private static @Nullable String secret(ServerRequest request) {
    var authorization = request.headers().first(HeaderNames.AUTHORIZATION).orElse(null);
    if (authorization != null) {
      return authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
          ? authorization.substring(BEARER.length()).strip()
          : null;
    }
    return request.headers().first(API_KEY).orElse(null);
  }
}
