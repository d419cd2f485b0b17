package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.PoolCredential;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What a pool sends with every call: its credentials, and headers that are none. */
final class CredentialSection {

  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final Pattern HEADER_VALUE = Pattern.compile("[ -~]{0,1024}");

  /** A name that holds one of these carries a secret, which belongs under credentials. */
  private static final List<String> SECRETS =
      List.of("authorization", "api-key", "apikey", "token", "secret", "cookie", "password");

  /** Set by the worker, or by HTTP itself. */
  private static final Set<String> RESERVED =
      Set.of(
          "host",
          "connection",
          "content-length",
          "content-type",
          "content-encoding",
          "transfer-encoding",
          "accept",
          "accept-encoding",
          "expect",
          "te",
          "trailer",
          "upgrade",
          "traceparent",
          "idempotency-key");

  private CredentialSection() {}

  static List<PoolCredential> read(Section pool) {
    var credentials = new ArrayList<PoolCredential>();
    var names = new HashSet<String>();
    for (var section : pool.sections("credentials")) {
      var name = Names.segment(section, "name");
      if (!name.isEmpty() && !names.add(name)) {
        section.error("name", "there is another credential of this name: " + name);
      }
      credentials.add(credential(section, name));
    }
    if (!credentials.isEmpty() && pool.has("credential")) {
      pool.error("credentials", "give either credential or credentials");
    }
    return credentials;
  }

  private static PoolCredential credential(Section section, String name) {
    var reference = section.secretOrNull("credential");
    if (reference == null && !section.has("credential")) {
      section.error("credential", "is required");
    }
    return new PoolCredential(
        name,
        reference == null ? "" : reference.reference(),
        section.numberOrNull("rpm", 1, Long.MAX_VALUE),
        section.numberOrNull("tpm", 1, Long.MAX_VALUE));
  }

  static Map<String, String> headers(Section pool) {
    var headers = pool.textMap("headers");
    headers.forEach(
        (name, value) -> {
          var lower = name.toLowerCase(Locale.ROOT);
          if (!HEADER_NAME.matcher(name).matches()) {
            pool.error("headers." + name, "is no name of a header");
          } else if (SECRETS.stream().anyMatch(lower::contains)) {
            pool.error(
                "headers." + name,
                "looks like a credential: give it under credential, as a reference");
          } else if (RESERVED.contains(lower)) {
            pool.error("headers." + name, "is set by the worker itself");
          }
          if (!HEADER_VALUE.matcher(value).matches()) {
            pool.error("headers." + name, "must be printable ASCII of at most 1024 characters");
          }
        });
    return headers;
  }
}
