package io.penstock.simulator.calls;

/** Which provider's surface a call came to. */
public enum Surface {
  /** {@code /v1/chat/completions}. */
  OPENAI_CHAT("openai-chat"),
  /** {@code /v1/responses}. */
  OPENAI_RESPONSES("openai-responses"),
  /** {@code /v1/embeddings}. */
  OPENAI_EMBEDDINGS("openai-embeddings"),
  /** {@code /openai/deployments/{name}/chat/completions}. */
  AZURE_CHAT("azure-chat"),
  /** {@code /openai/deployments/{name}/embeddings}. */
  AZURE_EMBEDDINGS("azure-embeddings"),
  /** {@code /v1/messages}. */
  ANTHROPIC("anthropic"),
  /** {@code /v1beta/models/{name}:generateContent} and its stream. */
  GEMINI("gemini"),
  /** {@code /v1beta/models/{name}:embedContent} and {@code :batchEmbedContents}. */
  GEMINI_EMBEDDINGS("gemini-embeddings");

  private final String wireName;

  Surface(String wireName) {
    this.wireName = wireName;
  }

  /** The name in the call log. */
  public String wireName() {
    return wireName;
  }
}
