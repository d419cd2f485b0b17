package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.PoolEntry;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;

/** One of {@code pools}. */
final class PoolSection {

  private static final long CONCURRENCY_DEFAULT = 1000;
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration FIRST_BYTE = Duration.ofSeconds(60);
  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final Duration TOTAL = Duration.ofMinutes(10);

  private PoolSection() {}

  static PoolEntry read(Section section) {
    var name = Names.segment(section, "name");
    var credential = section.secretOrNull("credential");
    var timeouts = section.section("timeouts");
    return new PoolEntry(
        name,
        section.text("provider", name),
        section.text("dialect", "openai"),
        baseUrl(section),
        credential == null ? null : credential.reference(),
        java.util.List.of(),
        section.textOrNull("api-version"),
        java.util.Map.of(),
        section.numberOrNull("rpm", 1, Long.MAX_VALUE),
        section.numberOrNull("tpm", 1, Long.MAX_VALUE),
        section.number("concurrency", CONCURRENCY_DEFAULT, 1, 1_000_000),
        milliseconds(timeouts, "connect", CONNECT),
        milliseconds(timeouts, "first-byte", FIRST_BYTE),
        milliseconds(timeouts, "idle", IDLE),
        milliseconds(timeouts, "total", TOTAL));
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
