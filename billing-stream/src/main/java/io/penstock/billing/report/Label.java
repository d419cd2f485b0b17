package io.penstock.billing.report;

/** A name that is summed by day and model only, and so many a day at most. */
public enum Label {
  END_USER,
  TAG,
  PRICE_RULE,
  FLAG;

  /** Names of a day of an organisation that are kept apart; the rest is summed under one. */
  public static final int NAMES_MAX = 10_000;

  /** The name for those beyond {@link #NAMES_MAX}. */
  public static final String OTHER = "(other)";

  /** What no price rule changed. */
  public static final String NONE = "";
}
