package io.penstock.simulator.http;

import io.penstock.simulator.behaviour.Orders;
import io.penstock.simulator.calls.CallLog;
import io.penstock.simulator.limit.RateLimits;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** What the control surface can do to a simulator. */
public interface Control {
  /** The witness. */
  CallLog log();

  /** The limits in force for keys that have none of their own. */
  RateLimits limits();

  /** Puts other limits in force for all keys. */
  void changeLimits(RateLimits limits);

  /**
   * Puts other limits in force for one key.
   *
   * @param key its number, from 1 in the order of the configuration
   * @throws IllegalArgumentException if there is no such key
   */
  void changeLimits(int key, RateLimits limits);

  /** The orders in force, by model. */
  Map<String, Orders> orders();

  /**
   * Gives orders for a model, in place of those it had.
   *
   * @param model its name before any plus sign, or {@code *} for all without orders of their own
   * @param time how long they hold; empty means until they are taken back
   */
  void order(String model, Orders orders, Optional<Duration> time);

  /** Takes back the orders for a model. */
  void takeBackOrders(String model);

  /** Takes back all orders. */
  void takeBackOrders();

  /** Closes listener and connections; a dead simulator stays dead. */
  void die();

  /** Listens again on the same port; an alive simulator stays alive. */
  void revive();
}
