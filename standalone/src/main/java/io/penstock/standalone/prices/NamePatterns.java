package io.penstock.standalone.prices;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Names by patterns in which {@code *} is anything and {@code ?} any one character. */
public final class NamePatterns {

  private NamePatterns() {}

  /** Whether a name matches one of the patterns; any does when there are none. */
  public static Predicate<String> any(List<String> patterns) {
    if (patterns.isEmpty()) {
      return _ -> true;
    }
    var compiled = patterns.stream().map(NamePatterns::pattern).toList();
    return name -> compiled.stream().anyMatch(pattern -> pattern.matcher(name).matches());
  }

  private static Pattern pattern(String text) {
    var expression = new StringBuilder();
    text.chars()
        .forEach(
            character -> {
              switch (character) {
                case '*' -> expression.append(".*");
                case '?' -> expression.append('.');
                default -> expression.append(Pattern.quote(Character.toString(character)));
              }
            });
    return Pattern.compile(expression.toString());
  }
}
