package io.penstock.worker.limit;

/** What an answer says about the credential that it was asked with. */
public enum Standing {
  /** It works. */
  GOOD,
  /** It may not do this, which may be the request's fault (403). */
  DOUBTFUL,
  /** The provider does not take it, or its money is used up. */
  BAD
}
