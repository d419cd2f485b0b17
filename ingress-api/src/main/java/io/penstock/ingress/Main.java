package io.penstock.ingress;

import io.penstock.platform.catalog.CatalogWriter;
import io.penstock.platform.config.Secret;
import io.penstock.platform.service.ServiceMain;
import io.penstock.platform.service.ServiceMain.Started;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Ingress as a process of its own: {@code Main services.yaml}. */
public final class Main {

  private Main() {}

  /**
   * The service's own section.
   *
   * @param adminKey secret of the first administrator; absent when there is one already
   */
  private record Settings(@Nullable Secret adminKey, IngressConfig config) {}

  /** Runs until SIGTERM. */
  public static void main(String[] arguments) {
    ServiceMain.run(
        "ingress",
        arguments,
        own -> new Settings(own.secretOrNull("admin-key"), IngressConfig.of(own)),
        (platform, settings) -> {
          var adminKey = settings.adminKey();
          if (adminKey != null) {
            var changes = FirstAdministrator.changes(platform, adminKey.resolve(), Instant.now());
            if (!changes.isEmpty()) {
              try (var writer = new CatalogWriter(platform.kafka(), platform.catalog())) {
                writer.write(changes);
              }
            }
          }
          var service = IngressService.start(platform, settings.config());
          return new Started(service, service::ready);
        });
  }
}
