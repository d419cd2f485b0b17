package io.penstock.worker.limit;

/**
 * One call that may be made.
 *
 * @param credential whose limits it counts in
 * @param number among those of the credential, from 0
 * @param reserved what it took from them
 * @param grantedAt when, in nanoseconds of the monotonic clock
 */
public record Permit(String credential, long number, TokenCount reserved, long grantedAt) {}
