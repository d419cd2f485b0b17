package io.penstock.simulator.calls;

/**
 * Where a call came to, and from whom.
 *
 * @param model as asked for
 * @param key number of the key that was sent, from 1 in the order of the configuration; {@link
 *     #NO_KEY} if it is none of those
 */
public record CallOrigin(String model, Surface surface, int key) {
  /** No key, or an unknown one. */
  public static final int NO_KEY = 0;

  /** A call to OpenAI's chat without a key. */
  public static CallOrigin of(String model) {
    return new CallOrigin(model, Surface.OPENAI_CHAT, NO_KEY);
  }
}
