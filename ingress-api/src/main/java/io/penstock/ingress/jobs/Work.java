package io.penstock.ingress.jobs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What validation found.
 *
 * @param requests lines to answer
 * @param model the model, when all lines name the same; else null
 * @param startedAt when validation ended
 */
public record Work(long requests, @Nullable String model, Instant startedAt) {}
