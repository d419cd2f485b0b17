package io.penstock.billing.report;

/** A name that callers choose freely: summed by day only, and so many a day at most. */
public enum Label {
  END_USER,
  TAG;

  /** Names of a day of an organisation that are kept apart; the rest is summed under one. */
  public static final int NAMES_MAX = 10_000;

  /** The name for those beyond {@link #NAMES_MAX}. */
  public static final String OTHER = "(other)";
}
