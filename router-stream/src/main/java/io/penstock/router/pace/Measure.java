package io.penstock.router.pace;

/** What a limit counts. */
public enum Measure {
  /** Requests a minute; given back by time alone. */
  REQUESTS("requests", "requests a minute"),
  /** Tokens a minute, input and output; what was not used is given back at the end. */
  TOKENS("tokens", "tokens a minute"),
  /** Requests at the same time. */
  OPEN("open", "requests at the same time"),
  /** Input tokens of open batch lines. */
  QUEUED("queued", "input tokens of open batch lines");

  private final String segment;
  private final String words;

  Measure(String segment, String words) {
    this.segment = segment;
    this.words = words;
  }

  /** Its part of an account's name. */
  String segment() {
    return segment;
  }

  /** For people. */
  public String words() {
    return words;
  }

  /** Whether an account of it is a bucket that time fills, rather than a count. */
  public boolean paced() {
    return this == REQUESTS || this == TOKENS;
  }

  /**
   * The measure of an account.
   *
   * @throws IllegalArgumentException when it is no account's name
   */
  public static Measure of(String account) {
    var from = account.indexOf('|') + 1;
    for (var measure : values()) {
      if (account.startsWith(measure.segment + "|", from)) {
        return measure;
      }
    }
    throw new IllegalArgumentException("not an account of a limit: " + account);
  }
}
