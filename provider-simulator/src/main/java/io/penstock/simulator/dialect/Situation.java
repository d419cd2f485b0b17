package io.penstock.simulator.dialect;

import java.time.Duration;
import java.util.Optional;

/**
 * What an error may mention.
 *
 * @param id of the call
 * @param retryAfter what the error asks to wait, if its dialect says so in the body
 */
public record Situation(String model, int inputTokens, String id, Optional<Duration> retryAfter) {}
