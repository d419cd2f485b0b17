package io.penstock.simulator.dialect;

import io.penstock.simulator.inference.Script;
import io.penstock.simulator.json.JsonBytes;

/** Writes an answer as a stream, step by step. One owner at a time. */
public interface EventWriter {
  /** What a step wrote. */
  enum Part {
    /** Nothing: this dialect has no event for it. */
    NOTHING,
    /** Events without content. */
    FRAME,
    /** An event with a token of content. */
    CONTENT
  }

  /** What it goes by; {@link #next} moves it on. */
  Script script();

  /** How many steps there will be, for pacing. */
  default int steps() {
    return script().steps();
  }

  /** Whether a step is left. */
  default boolean hasNext() {
    return script().hasNext();
  }

  /** Appends the next step. */
  Part next(JsonBytes out);

  /** Appends what follows the last step. */
  void end(JsonBytes out);
}
