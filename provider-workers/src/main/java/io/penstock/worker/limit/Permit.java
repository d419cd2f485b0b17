package io.penstock.worker.limit;

/**
 * One call that may be made.
 *
 * @param credential whose limits it counts in
 * @param reserved what it took from them
 * @param grantedAt when, in nanoseconds of the monotonic clock
 */
public record Permit(String credential, TokenCount reserved, long grantedAt) {}
