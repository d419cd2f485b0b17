package io.penstock.ingress.catalog;

import io.penstock.platform.config.ConfigException;
import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The wish for a new key.
 *
 * @param models allowed; empty for all
 * @param life null for ever
 * @param requestsPerMinute null for unlimited
 * @param tokensPerMinute null for unlimited
 * @param concurrency requests at the same time; null for unlimited
 */
public record KeyRequest(
    String name,
    String organization,
    Role role,
    @Nullable String project,
    @Nullable String team,
    List<String> models,
    @Nullable Duration life,
    @Nullable Long requestsPerMinute,
    @Nullable Long tokensPerMinute,
    @Nullable Long concurrency) {

  private static final int NAME_LENGTH_MAX = 128;

  public KeyRequest {
    models = List.copyOf(models);
  }

  /**
   * Reads the JSON of a wish.
   *
   * @param byDefault organisation when none is named
   * @throws ConfigException with all errors
   */
  public static KeyRequest parse(String json, String byDefault) {
    var section = Section.parse(json);
    var name = section.requiredText("name");
    if (name.length() > NAME_LENGTH_MAX) {
      section.error("name", "must have at most " + NAME_LENGTH_MAX + " characters");
    }
    var organization =
        section.has("organization") ? Names.segment(section, "organization") : byDefault;
    var request =
        new KeyRequest(
            name,
            organization,
            section.choice("role", Role.class, Role.USER),
            section.textOrNull("project"),
            section.textOrNull("team"),
            section.texts("models"),
            life(section),
            section.numberOrNull("rpm", 1, Long.MAX_VALUE),
            section.numberOrNull("tpm", 1, Long.MAX_VALUE),
            section.numberOrNull("concurrency", 1, Long.MAX_VALUE));
    section.finish();
    return request;
  }

  /** The entry of the catalogue for this wish. */
  public ApiKeyEntry entry(String id, String hash, String secret, Instant now) {
    return ApiKeyEntry.newBuilder()
        .setId(id)
        .setOrganization(organization)
        .setName(name)
        .setHash(hash)
        .setHint(KeySection.hint(secret))
        .setRole(role)
        .setProject(project)
        .setTeam(team)
        .setModels(models)
        .setExpiresAt(life == null ? null : now.plus(life))
        .setRequestsPerMinute(requestsPerMinute)
        .setTokensPerMinute(tokensPerMinute)
        .setConcurrency(concurrency)
        .setCreatedAt(now)
        .build();
  }

  /** Whole seconds, or a duration such as {@code 30d}. */
  private static @Nullable Duration life(Section section) {
    var text = section.textOrNull("expires_in");
    if (text == null) {
      return null;
    }
    if (text.length() <= 10 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      var seconds = section.number("expires_in", 1, 1, Integer.MAX_VALUE);
      return Duration.ofSeconds(seconds);
    }
    var life = section.duration("expires_in", Duration.ofSeconds(1));
    if (!life.isPositive()) {
      section.error("expires_in", "must be longer than nothing");
    }
    return life;
  }
}
