package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.WebhookEndpoint;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The {@code webhooks} of an organisation. */
final class WebhookSection {

  private static final int ENDPOINTS_MAX = 20;
  private static final int URL_CHARACTERS_MAX = 2048;
  private static final Pattern EVENT = Pattern.compile("[a-z][a-z0-9_.-]{0,63}");
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private WebhookSection() {}

  static List<WebhookEndpoint> read(Section organization) {
    var endpoints = new ArrayList<WebhookEndpoint>();
    var ids = new HashSet<String>();
    for (var section : organization.sections("webhooks")) {
      var endpoint = endpoint(section);
      if (!endpoint.getId().isEmpty() && !ids.add(endpoint.getId())) {
        section.error("id", "there is another endpoint of this id: " + endpoint.getId());
      }
      endpoints.add(endpoint);
    }
    if (endpoints.size() > ENDPOINTS_MAX) {
      organization.error("webhooks", "has more than " + ENDPOINTS_MAX + " endpoints");
    }
    return endpoints;
  }

  private static WebhookEndpoint endpoint(Section section) {
    var secret = section.secretOrNull("secret");
    if (secret == null && !section.has("secret")) {
      section.error("secret", "is required");
    }
    var events = section.texts("events");
    for (var event : events) {
      if (!EVENT.matcher(event).matches()) {
        section.error("events", "is no type of an event: " + event);
      }
    }
    return WebhookEndpoint.newBuilder()
        .setId(Names.segment(section, "id"))
        .setUrl(url(section))
        .setSecret(secret == null ? "" : secret.reference())
        .setEvents(events)
        .setActive(section.flag("active", true))
        .build();
  }

  /** That a name leads to no machine of our own is found out when it is called. */
  private static String url(Section section) {
    var text = section.requiredText("url");
    if (text.isEmpty()) {
      return text;
    }
    try {
      var uri = new URI(text);
      var host = uri.getHost();
      if (host == null || text.length() > URL_CHARACTERS_MAX) {
        section.error("url", "must name a host, in at most " + URL_CHARACTERS_MAX + " characters");
      } else if (uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
        section.error("url", "must have neither credentials nor a fragment");
      } else if (!"https".equalsIgnoreCase(uri.getScheme())
          && !("http".equalsIgnoreCase(uri.getScheme())
              && LOOPBACK.contains(host.toLowerCase(Locale.ROOT)))) {
        section.error("url", "must begin with https://, or http:// on this machine");
      }
    } catch (URISyntaxException e) {
      section.error("url", "is no URL");
    }
    return text;
  }
}
