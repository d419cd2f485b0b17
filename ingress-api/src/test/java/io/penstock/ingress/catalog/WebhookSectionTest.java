package io.penstock.ingress.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.WebhookEndpoint;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WebhookSectionTest {

  @Test
  void endpointsAreReadWithTheirDefaults() {
    var section =
        Section.parse(
            """
            webhooks:
              - {id: ops, url: "https://ops.example/hook?x=1", secret: "env:OPS_SECRET"}
              - {id: dev, url: "http://127.0.0.1:9000/", secret: "file:/run/dev", events: [budget.threshold], active: false}
            """);

    var endpoints = WebhookSection.read(section);
    section.finish();

    assertThat(endpoints)
        .containsExactly(
            new WebhookEndpoint(
                "ops", "https://ops.example/hook?x=1", "env:OPS_SECRET", List.of(), true),
            new WebhookEndpoint(
                "dev",
                "http://127.0.0.1:9000/",
                "file:/run/dev",
                List.of("budget.threshold"),
                false));
  }

  @Test
  void whatCannotBeAnEndpointIsToldTogether() {
    var section =
        Section.parse(
            """
            webhooks:
              - {id: a, url: "http://ops.example/", secret: "whsec_abc"}
              - {id: a, url: "https://me:pw@ops.example/", secret: "env:S", events: ["Not An Event"]}
              - {id: c, url: "ftp:nothing"}
            """);

    WebhookSection.read(section);

    assertThatThrownBy(section::finish)
        .hasMessage(
            """
            webhooks[0].secret: is a secret: give it as env:NAME or file:PATH
            webhooks[0].url: must begin with https://, or http:// on this machine
            webhooks[1].events: is no type of an event: Not An Event
            webhooks[1].url: must have neither credentials nor a fragment
            webhooks[1].id: there is another endpoint of this id: a
            webhooks[2].secret: is required
            webhooks[2].url: must name a host, in at most 2048 characters""");
  }
}
