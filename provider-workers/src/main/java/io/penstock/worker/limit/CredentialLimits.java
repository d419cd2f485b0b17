package io.penstock.worker.limit;

import org.jspecify.annotations.Nullable;

/**
 * The limits of one credential as the catalogue has them, for all workers together.
 *
 * @param name within the pool
 * @param requestsPerMinute absent when not known: then it is learned from answers
 * @param tokensPerMinute absent when not known: then it is learned from answers
 */
public record CredentialLimits(
    String name, @Nullable Long requestsPerMinute, @Nullable Long tokensPerMinute) {}
