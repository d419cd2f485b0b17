package io.penstock.ingress;

import io.penstock.platform.catalog.CatalogWriter;
import io.penstock.platform.service.ServiceMain;
import io.penstock.platform.service.ServiceMain.Started;
import java.time.Instant;
import java.util.List;

/** Ingress as a process of its own: {@code Main services.yaml}. */
public final class Main {

  private Main() {}

  /** Runs until SIGTERM. */
  public static void main(String[] arguments) {
    ServiceMain.run(
        "ingress",
        arguments,
        (platform, own) -> {
          var adminKey = own.secretOrNull("admin-key");
          var config = IngressConfig.of(own);
          if (adminKey != null) {
            var changes = FirstAdministrator.changes(platform, adminKey.resolve(), Instant.now());
            if (!changes.isEmpty()) {
              try (var writer = new CatalogWriter(platform.kafka(), platform.catalog())) {
                writer.write(changes);
              }
            }
          }
          var service = IngressService.start(platform, config, List.of());
          return new Started(service, service::ready);
        });
  }
}
