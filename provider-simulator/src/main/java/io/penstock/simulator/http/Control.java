package io.penstock.simulator.http;

import io.penstock.simulator.calls.CallLog;
import io.penstock.simulator.limit.RateLimits;

/** What the control surface can do to a simulator. */
public interface Control {
  /** The witness. */
  CallLog log();

  /** The limits in force. */
  RateLimits limits();

  /** Puts other limits in force. */
  void changeLimits(RateLimits limits);

  /** Closes listener and connections; a dead simulator stays dead. */
  void die();

  /** Listens again on the same port; an alive simulator stays alive. */
  void revive();
}
