package io.penstock.worker.dialect.openai;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Service tiers as OpenAI's clients know them; they refuse others. */
public final class ServiceTiers {

  private static final Set<String> KNOWN = Set.of("auto", "default", "flex", "scale", "priority");

  private ServiceTiers() {}

  /** A provider's word in OpenAI's; null when OpenAI has none for it. */
  public static @Nullable String told(@Nullable String tier) {
    if (tier == null) {
      return null;
    }
    return KNOWN.contains(tier) ? tier : tier.equals("standard") ? "default" : null;
  }
}
