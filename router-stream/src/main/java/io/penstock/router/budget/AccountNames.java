package io.penstock.router.budget;

import java.time.Duration;
import java.time.Instant;

/**
 * Names of accounts: {@code organisation|budget|group|window} and {@code
 * organisation|credit|grant}. Whatever a caller chooses is escaped, so that no two accounts have
 * one name.
 *
 * <p>The window of a rolling budget names the part that a request counts in, {@code
 * rolling-hour@2026-11-21T10:01:00Z}; all parts are kept together under the name before the
 * {@code @}.
 */
public final class AccountNames {

  private static final char SEPARATOR = '|';
  private static final char PART = '@';
  private static final String ROLLING = "|rolling-";
  private static final String CREDIT = "credit";

  private AccountNames() {}

  /** What all accounts of a budget begin with. */
  static String ofBudget(String organization, String budget) {
    return escaped(organization) + SEPARATOR + escaped(budget) + SEPARATOR;
  }

  static String ofCredit(String organization, String grant) {
    return escaped(organization) + SEPARATOR + CREDIT + SEPARATOR + escaped(grant);
  }

  /** Whether an account is a grant of credit, and not a budget. */
  public static boolean isCredit(String account) {
    var separators = 0;
    for (int i = 0; i < account.length(); i++) {
      separators += account.charAt(i) == SEPARATOR ? 1 : 0;
    }
    return separators == 2;
  }

  /** Under which name an account is kept. */
  public static String kept(String account) {
    var window = rolling(account);
    return window < 0 ? account : account.substring(0, account.indexOf(PART, window));
  }

  /** Start of the part that an account names, milliseconds since 1970; 0 when it does not roll. */
  public static long part(String account) {
    var window = rolling(account);
    return window < 0
        ? 0
        : Instant.parse(account.substring(account.indexOf(PART, window) + 1)).toEpochMilli();
  }

  /** Length of the window that rolls; zero when it does not. */
  public static Duration span(String account) {
    var window = rolling(account);
    return window < 0
        ? Duration.ZERO
        : Window.span(account.substring(window + ROLLING.length(), account.indexOf(PART, window)));
  }

  /** The last segment is ours, so nothing that a caller chose can look like it. */
  private static int rolling(String account) {
    var window = account.lastIndexOf(SEPARATOR);
    return window >= 0 && account.startsWith(ROLLING, window) && account.indexOf(PART, window) > 0
        ? (isCredit(account) ? -1 : window)
        : -1;
  }

  /** A text in which no separator occurs; different for different texts. */
  public static String escaped(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (special(text.charAt(i))) {
        return escapedFrom(text, i);
      }
    }
    return text;
  }

  private static String escapedFrom(String text, int first) {
    var escaped = new StringBuilder(text.length() + 8).append(text, 0, first);
    for (int i = first; i < text.length(); i++) {
      var character = text.charAt(i);
      if (special(character)) {
        escaped.append('%').append(HEX[character >> 4]).append(HEX[character & 15]);
      } else {
        escaped.append(character);
      }
    }
    return escaped.toString();
  }

  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private static boolean special(char character) {
    return character == SEPARATOR
        || character == '%'
        || character == ','
        || character == '='
        || character < ' ';
  }
}
