package io.penstock.simulator.behaviour;

/** Errors with a status of their own; each dialect spells them in its own way. */
public enum Trouble {
  /** A parameter is wrong. */
  BAD_REQUEST,
  /** The key is wrong. */
  UNAUTHORIZED,
  /** The account must pay first. */
  PAYMENT,
  /** The key may not do this. */
  FORBIDDEN,
  /** No such model. */
  MODEL_UNKNOWN,
  /** The request took too long to arrive. */
  REQUEST_TIMEOUT,
  /** The request is too many bytes. */
  TOO_LARGE,
  /** Too many requests or tokens in a minute. */
  RATE,
  /** The provider has too little capacity for everybody. */
  CAPACITY,
  /** The account has no money left, said with a 429. */
  MONEY,
  /** The provider failed. */
  SERVER,
  /** What is in front of the provider got no good answer from it. */
  BAD_GATEWAY,
  /** The provider has too much to do. */
  OVERLOADED,
  /** What is in front of the provider waited too long. */
  GATEWAY_TIMEOUT,
  /** The provider has too much to do, said with a 529. */
  OVERLOADED_529,
  /** The prompt does not fit. */
  CONTEXT,
  /** The prompt is not allowed. */
  POLICY,
  /** The answer's beginning must not be given. */
  PREFILL
}
