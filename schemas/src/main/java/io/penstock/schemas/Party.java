package io.penstock.schemas;

/** Who has to act on a failure. */
public enum Party {
  /** The caller: the request itself is wrong. */
  CALLER,
  /** The caller's administrator: a key, a limit or a budget. */
  ADMINISTRATOR,
  /** The provider. */
  PROVIDER,
  /** Nobody: there is too much work just now. */
  CAPACITY,
  /** Us. */
  PENSTOCK
}
