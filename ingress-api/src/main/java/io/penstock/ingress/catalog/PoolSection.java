package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.AssumedTier;
import io.penstock.schemas.avro.ModelLimit;
import io.penstock.schemas.avro.PoolEntry;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One of {@code pools}. */
final class PoolSection {

  private static final long CONCURRENCY_DEFAULT = 1000;
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration FIRST_BYTE = Duration.ofSeconds(60);
  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final Duration TOTAL = Duration.ofMinutes(10);

  private static final Set<String> DIALECTS =
      new TreeSet<>(Set.of("openai", "anthropic", "gemini", "azure"));
  private static final Pattern API_VERSION = Pattern.compile("[A-Za-z0-9.-]{1,64}");

  private PoolSection() {}

  static PoolEntry read(Section section) {
    var name = Names.segment(section, "name");
    var credential = section.secretOrNull("credential");
    var timeouts = section.section("timeouts");
    var dialect = dialect(section);
    return new PoolEntry(
        name,
        section.text("provider", name),
        dialect,
        baseUrl(section),
        credential == null ? null : credential.reference(),
        CredentialSection.read(section),
        apiVersion(section, dialect),
        CredentialSection.headers(section),
        section.numberOrNull("rpm", 1, Long.MAX_VALUE),
        section.numberOrNull("tpm", 1, Long.MAX_VALUE),
        section.number("concurrency", CONCURRENCY_DEFAULT, 1, 1_000_000),
        milliseconds(timeouts, "connect", CONNECT),
        milliseconds(timeouts, "first-byte", FIRST_BYTE),
        milliseconds(timeouts, "idle", IDLE),
        milliseconds(timeouts, "total", TOTAL),
        assumedTier(section),
        modelLimits(section.section("models")));
  }

  private static List<ModelLimit> modelLimits(Section models) {
    var limits = new ArrayList<ModelLimit>();
    for (var upstreamModel : models.keys()) {
      var section = models.section(upstreamModel);
      var requests = section.numberOrNull("rpm", 1, Long.MAX_VALUE);
      var tokens = section.numberOrNull("tpm", 1, Long.MAX_VALUE);
      if (!section.has("rpm") && !section.has("tpm")) {
        models.error(upstreamModel, "one of rpm and tpm is required");
      }
      limits.add(new ModelLimit(upstreamModel, requests, tokens));
    }
    return limits;
  }

  private static String dialect(Section section) {
    var dialect = section.text("dialect", "openai");
    if (!DIALECTS.contains(dialect)) {
      section.error(
          "dialect", "must be one of " + String.join(", ", DIALECTS) + ", not " + dialect);
    }
    return dialect;
  }

  private static AssumedTier assumedTier(Section section) {
    var tier = section.text("assume-tier", "default");
    return switch (tier) {
      case "default" -> AssumedTier.DEFAULT;
      case "any" -> AssumedTier.ANY;
      default -> {
        section.error("assume-tier", "must be default or any, not " + tier);
        yield AssumedTier.ANY;
      }
    };
  }

  private static @Nullable String apiVersion(Section section, String dialect) {
    var version = section.textOrNull("api-version");
    if (version != null && !dialect.equals("azure")) {
      section.error("api-version", "only the dialect azure has one");
    }
    if (version != null && !API_VERSION.matcher(version).matches()) {
      section.error("api-version", "must be such as 2024-10-21 or 2025-04-01-preview: " + version);
    }
    return version;
  }

  private static long milliseconds(Section timeouts, String key, Duration byDefault) {
    var milliseconds = timeouts.duration(key, byDefault).toMillis();
    if (milliseconds < 1) {
      timeouts.error(key, "must be longer than nothing");
    }
    return milliseconds;
  }

  private static String baseUrl(Section section) {
    var text = section.requiredText("base-url");
    if (text.isEmpty()) {
      return text;
    }
    try {
      var url = new URI(text);
      var isHttp = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
      if (isHttp
          && url.getHost() != null
          && url.getUserInfo() == null
          && url.getQuery() == null
          && url.getFragment() == null) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
      }
    } catch (URISyntaxException e) {
      // falls through to the one message for both
    }
    section.error(
        "base-url", "must be such as https://api.openai.com/v1, without user, query or fragment");
    return text;
  }
}
