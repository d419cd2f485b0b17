package io.penstock.router.price;

import io.penstock.schemas.avro.AssumedTier;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Service tiers as prices know them. The ordinary one, which has many names, is none at all. */
final class ServiceTiers {

  /** OpenAI's, Anthropic's and Gemini's, and Groq's words for the ordinary tier. */
  private static final Set<String> ORDINARY =
      Set.of("default", "standard", "standard_only", "on_demand");

  /** The provider chooses. */
  private static final String AUTO = "auto";

  private ServiceTiers() {}

  /** The tier of a call: the one that the provider says, else the one that was asked for. */
  static @Nullable String of(@Nullable String served, @Nullable String asked) {
    var named = served == null || served.isBlank() ? asked : served;
    if (named == null || named.isBlank()) {
      return null;
    }
    var tier = named.toLowerCase(Locale.ROOT);
    return ORDINARY.contains(tier) || tier.equals(AUTO) ? null : tier;
  }

  /**
   * Whether a provider may serve a request in a tier. One who asks for the ordinary tier gets that;
   * one who asks for another gets that or the ordinary one (OpenAI takes priority back under load);
   * for one who asks for none, or leaves it to the provider, the settings of its project decide, so
   * the pool says what to count on.
   *
   * @param tier of a price line; absent for the ordinary tier
   */
  static boolean possible(@Nullable String tier, @Nullable String asked, AssumedTier assumed) {
    if (tier == null) {
      return true;
    }
    if (asked == null || asked.isBlank() || asked.equalsIgnoreCase(AUTO)) {
      return assumed == AssumedTier.ANY;
    }
    return asked.toLowerCase(Locale.ROOT).equals(tier);
  }
}
