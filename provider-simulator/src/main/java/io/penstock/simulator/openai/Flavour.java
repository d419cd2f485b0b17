package io.penstock.simulator.openai;

/** Whose chat completion it is. */
enum Flavour {
  /** OpenAI's own. */
  OPENAI,
  /** Azure's, with what its content filters found. */
  AZURE
}
