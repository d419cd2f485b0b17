package io.penstock.simulator.http;

import io.penstock.simulator.calls.CallEnd;

/** What an answer tells the log of its progress. */
interface Witness {
  /** The first bytes of a 200 answer went out. */
  void headSent();

  /** So many tokens were said so far. */
  void produced(int tokens);

  /** The call ends; told just before the last byte is written. */
  void end(CallEnd end);
}
