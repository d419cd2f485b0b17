package io.penstock.worker.limit;

/**
 * One call that may be made.
 *
 * @param credential whose limits it counts in
 * @param model whose limits it counts in, as the provider calls it
 * @param number among those of the model with this credential, from 0
 * @param numberOfAll among those of the credential, from 0
 * @param reserved what it took from them
 * @param grantedAt when, in nanoseconds of the monotonic clock
 */
public record Permit(
    String credential,
    String model,
    long number,
    long numberOfAll,
    TokenCount reserved,
    long grantedAt) {}
