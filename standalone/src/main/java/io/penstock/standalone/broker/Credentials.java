package io.penstock.standalone.broker;

import java.security.SecureRandom;
import java.util.Base64;

/** A user of the broker and its password, for SASL/PLAIN. */
record Credentials(String user, String password) {
  private static final String LOGIN_MODULE =
      "org.apache.kafka.common.security.plain.PlainLoginModule";
  private static final int PASSWORD_BYTES = 24;

  static Credentials random(String user) {
    var bytes = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(bytes);
    // The URL alphabet needs no quoting in JAAS.
    return new Credentials(user, Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /** The line with which a client logs in. */
  String login() {
    return LOGIN_MODULE + " required username=\"" + user + "\" password=\"" + password + "\";";
  }

  /**
   * The line with which a server logs in to itself as this user, and accepts this one and the
   * others.
   */
  String accepting(Credentials... others) {
    var line =
        new StringBuilder(
            LOGIN_MODULE + " required username=\"" + user + "\" password=\"" + password + "\"");
    line.append(" user_").append(user).append("=\"").append(password).append('"');
    for (var other : others) {
      line.append(" user_").append(other.user).append("=\"").append(other.password).append('"');
    }
    return line.append(';').toString();
  }

  @Override
  public String toString() {
    return user + ":***";
  }
}
