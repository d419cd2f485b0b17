package io.penstock.ingress.files;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A header value with parameters, such as {@code form-data; name="file"; filename="a.jsonl"}.
 *
 * @param value before the first semicolon, lower case
 * @param parameters by lower-case name
 */
record HeaderParameters(String value, Map<String, String> parameters) {

  private static final String SEPARATORS = "()<>@,;:\\\"/[]?={} \t";

  HeaderParameters {
    parameters = Map.copyOf(parameters);
  }

  /**
   * Reads a value strictly: tokens or quoted strings, no parameter twice.
   *
   * @throws MultipartException when it is anything else
   */
  static HeaderParameters parse(String text) throws MultipartException {
    var end = text.indexOf(';');
    var value = (end < 0 ? text : text.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    var parameters = new LinkedHashMap<String, String>();
    var at = end < 0 ? text.length() : end;
    while (at < text.length()) {
      at = blanks(text, at + 1);
      if (at == text.length()) {
        break; // a last semicolon without anything behind it is common
      }
      var equals = text.indexOf('=', at);
      if (equals < 0) {
        throw malformed();
      }
      var name = text.substring(at, equals).strip().toLowerCase(Locale.ROOT);
      if (!isToken(name)) {
        throw malformed();
      }
      var parsed = new StringBuilder();
      at = parameterValue(text, blanks(text, equals + 1), parsed);
      if (parameters.put(name, parsed.toString()) != null) {
        throw new MultipartException("parameter '" + name + "' appears twice in a header");
      }
      at = blanks(text, at);
      if (at < text.length() && text.charAt(at) != ';') {
        throw malformed();
      }
    }
    return new HeaderParameters(value, parameters);
  }

  @Nullable String parameter(String name) {
    return parameters.get(name);
  }

  /** Appends the value that begins here; returns the index behind it. */
  private static int parameterValue(String text, int from, StringBuilder value)
      throws MultipartException {
    if (from < text.length() && text.charAt(from) == '"') {
      return quoted(text, from + 1, value);
    }
    int at = from;
    while (at < text.length() && text.charAt(at) != ';') {
      at++;
    }
    var token = text.substring(from, at).strip();
    if (!isToken(token)) {
      throw malformed();
    }
    value.append(token);
    return at;
  }

  private static int quoted(String text, int from, StringBuilder value) throws MultipartException {
    for (int at = from; at < text.length(); at++) {
      var c = text.charAt(at);
      if (c == '"') {
        return at + 1;
      }
      // only these two are ever escaped: some clients send Windows paths with bare backslashes
      if (c == '\\' && at + 1 < text.length() && "\"\\".indexOf(text.charAt(at + 1)) >= 0) {
        at++;
      }
      value.append(text.charAt(at));
    }
    throw malformed();
  }

  private static int blanks(String text, int from) {
    int at = from;
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
    return at;
  }

  private static boolean isToken(String text) {
    return !text.isEmpty()
        && text.chars().allMatch(c -> c > ' ' && c != 0x7f && SEPARATORS.indexOf(c) < 0);
  }

  private static MultipartException malformed() {
    return new MultipartException("a header is malformed");
  }
}
