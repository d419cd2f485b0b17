package io.penstock.ingress.accept;

/**
 * Upper bound of a prompt's tokens, from sizes alone.
 *
 * <p>A token of a byte-level or byte-fallback tokeniser stands for at least one byte of text, and
 * JSON never writes a character in fewer bytes than UTF-8 does. So the bytes of the whole body
 * bound the tokens of all text in it, whichever fields a provider makes a prompt of. Providers add
 * tokens around messages and tools that no byte of the body stands for; the allowances cover them
 * with room. The bytes of an image say nothing about its tokens, so an inline image counts by its
 * allowance instead: that of the dearest known model for the largest image.
 */
final class TokenBound {

  static final long PER_REQUEST = 16;
  static final long PER_MESSAGE = 8;
  static final long PER_TOOL = 32;

  /** The hidden system prompt that comes with the first tool. */
  static final long WITH_TOOLS = 600;

  static final long PER_IMAGE = 50_000;

  private TokenBound() {}

  /**
   * The bound.
   *
   * @param bytes of the body, without inline images
   */
  static long of(long bytes, long messages, long tools, long images) {
    return bytes
        + PER_REQUEST
        + messages * PER_MESSAGE
        + tools * PER_TOOL
        + (tools > 0 ? WITH_TOOLS : 0)
        + images * PER_IMAGE;
  }
}
