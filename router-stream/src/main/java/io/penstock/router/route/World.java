package io.penstock.router.route;

import io.penstock.router.admit.Refusals;
import io.penstock.router.admit.RoutingTable;
import io.penstock.router.budget.Balances;
import io.penstock.router.pace.Levels;
import io.penstock.router.select.PoolHealth;
import java.time.Instant;

/**
 * All that a decision may know besides state and event.
 *
 * @param now the time
 * @param table the catalogue
 * @param health how targets are doing
 * @param balances what is used of budgets and credit
 * @param levels what is taken of limits on the pace of requests
 * @param refusals what was refused under an idempotency key
 * @param repeats what else was asked for under one
 */
public record World(
    Instant now,
    RoutingTable table,
    PoolHealth health,
    Balances balances,
    Levels levels,
    Refusals refusals,
    Repeats repeats) {

  /** Where nothing was refused, and nothing is asked for twice. */
  public World(
      Instant now, RoutingTable table, PoolHealth health, Balances balances, Levels levels) {
    this(now, table, health, balances, levels, Refusals.NONE, Repeats.NONE);
  }
}
