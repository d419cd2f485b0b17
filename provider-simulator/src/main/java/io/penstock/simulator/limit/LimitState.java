package io.penstock.simulator.limit;

/**
 * What the headers say about one limit.
 *
 * @param perMinute the limit
 * @param remaining what may still come at once
 * @param resetNanos time until the bucket is full again
 */
public record LimitState(long perMinute, long remaining, long resetNanos) {}
