package io.penstock.worker.dialect.openai;

import org.jspecify.annotations.Nullable;

/**
 * What single servers do differently, told by their host names. Servers that nobody knows get what
 * most of them understand.
 *
 * @param limitField name of the output limit
 * @param seedField name of the seed
 * @param thoughtField name under which thoughts come back to the model; absent when they must not
 * @param tellsUsage whether streams tell their usage without being asked, and refuse the question
 * @param marksPrefix whether the beginning of an answer has to be marked as such
 * @param topK whether it can be set
 * @param endUser whether one may be named
 * @param shortToolIds whether ids of tool calls are nine letters and digits
 */
record Quirks(
    String limitField,
    String seedField,
    @Nullable String thoughtField,
    boolean tellsUsage,
    boolean marksPrefix,
    boolean topK,
    boolean endUser,
    boolean shortToolIds) {

  private static final Quirks OPENAI =
      new Quirks("max_completion_tokens", "seed", null, false, false, false, true, false);

  private static final Quirks MISTRAL =
      new Quirks("max_tokens", "random_seed", null, true, true, false, false, true);

  static Quirks of(String host) {
    if (is(host, "openai.com") || is(host, "azure.com")) {
      return OPENAI;
    }
    if (is(host, "mistral.ai")) {
      return MISTRAL;
    }
    return new Quirks(
        "max_tokens", "seed", thoughtField(host), false, false, topK(host), true, false);
  }

  private static @Nullable String thoughtField(String host) {
    if (is(host, "googleapis.com") || is(host, "x.ai") || is(host, "perplexity.ai")) {
      return null;
    }
    return is(host, "groq.com") || is(host, "cerebras.ai") || is(host, "openrouter.ai")
        ? "reasoning"
        : "reasoning_content";
  }

  private static boolean topK(String host) {
    return !(is(host, "googleapis.com")
        || is(host, "x.ai")
        || is(host, "groq.com")
        || is(host, "cerebras.ai")
        || is(host, "deepseek.com"));
  }

  private static boolean is(String host, String domain) {
    return host.equals(domain) || host.endsWith("." + domain);
  }

  /** Whether a host has responses, so that bodies may pass through. */
  static boolean hasResponses(String host) {
    return is(host, "openai.com") || is(host, "azure.com");
  }

  /** Whether a host is Google's, whose calls carry signatures. */
  static boolean signsCalls(String host) {
    return is(host, "googleapis.com");
  }

  /** Whether a host takes marks for its cache, and thoughts with all their details. */
  static boolean isOpenRouter(String host) {
    return is(host, "openrouter.ai");
  }
}
