package io.penstock.worker.limit;

import org.jspecify.annotations.Nullable;

/**
 * A pool's limits as the catalogue has them, for all workers together.
 *
 * @param requestsPerMinute absent when not known: then it is learned from answers
 * @param tokensPerMinute absent when not known: then it is learned from answers
 * @param concurrencyMax calls at once
 */
public record PoolLimits(
    @Nullable Long requestsPerMinute, @Nullable Long tokensPerMinute, long concurrencyMax) {}
