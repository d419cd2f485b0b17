package io.penstock.standalone.demo;

import io.penstock.simulator.behaviour.Latency;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a demo does.
 *
 * @param input batch file; null for the demo's own prompts
 * @param faults how the providers behave
 * @param latency of the providers
 * @param summary where the summary goes as JSON; null for nowhere
 * @param keep directory that keeps data and results; null for a temporary one
 */
public record DemoConfig(
    @Nullable Path input,
    Faults faults,
    Latency latency,
    @Nullable Path summary,
    @Nullable Path keep) {

  /** How the providers behave. */
  public enum Faults {
    /** They always answer. */
    NONE,
    /** 5 % 500, 5 % 429 with Retry-After of 1–2 s, 1 % resets, 1 % truncated bodies. */
    MILD,
    /** A quarter of all calls fails, and one provider is dead from the 5th second on. */
    HARSH
  }
}
