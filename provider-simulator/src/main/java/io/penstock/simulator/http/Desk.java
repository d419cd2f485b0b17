package io.penstock.simulator.http;

import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.Ticker;
import io.penstock.simulator.behaviour.OrderBook;
import io.penstock.simulator.calls.CallLog;
import io.penstock.simulator.limit.KeyLimiters;

/**
 * What every inference call needs.
 *
 * @param received told of every call
 */
public record Desk(
    SimulatorConfig config,
    Ticker ticker,
    CallLog log,
    KeyLimiters limiters,
    OrderBook orders,
    Connections connections,
    Runnable received) {}
