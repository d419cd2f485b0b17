package io.penstock.standalone.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whose books a command is about. */
final class OrganizationOption {

  @Option(
      names = "--organization",
      paramLabel = "ID",
      description =
          "Whose; default: the organisation of the key. Only a super administrator's key may name"
              + " another.")
  private @Nullable String organization;

  /** The parameter of a query that has others before it; empty when the option is not given. */
  String parameter() {
    return parameter("organization", organization);
  }

  /** A further parameter of a query; empty without a value. */
  static String parameter(String name, @Nullable String value) {
    return value == null ? "" : "&" + name + "=" + encoded(value);
  }

  /** A text as part of a path or query. */
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
