package io.penstock.billing.stream;

import java.time.Duration;

/**
 * How much billing keeps.
 *
 * @param seenRetention how long a usage id is remembered; a repetition after that would be booked
 *     again
 * @param journalEntriesMax entries of an organisation that the read API can show; the topic has all
 * @param balancesEvery how often changed balances are published
 */
public record BookingLimits(
    Duration seenRetention, long journalEntriesMax, Duration balancesEvery) {}
