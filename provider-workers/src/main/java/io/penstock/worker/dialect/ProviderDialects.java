package io.penstock.worker.dialect;

import io.penstock.worker.dialect.anthropic.AnthropicProvider;
import io.penstock.worker.dialect.azure.AzureProvider;
import io.penstock.worker.dialect.gemini.GeminiProvider;
import io.penstock.worker.dialect.openai.OpenAiProvider;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The languages of providers, by the names that the catalogue uses. */
public final class ProviderDialects {

  private static final Map<String, ProviderDialect> BY_NAME =
      List.<ProviderDialect>of(
              new OpenAiProvider(), //
              new AnthropicProvider(),
              new GeminiProvider(),
              new AzureProvider())
          .stream()
          .collect(Collectors.toUnmodifiableMap(ProviderDialect::name, Function.identity()));

  private ProviderDialects() {}

  /** The dialect of a name; null when there is none. */
  public static @Nullable ProviderDialect named(String name) {
    return BY_NAME.get(name);
  }
}
