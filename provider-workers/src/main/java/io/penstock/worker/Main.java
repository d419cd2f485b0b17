package io.penstock.worker;

import io.penstock.platform.service.ServiceMain;
import io.penstock.platform.service.ServiceMain.Started;

/** Workers as a process of their own: {@code Main services.yaml}. */
public final class Main {

  private Main() {}

  /** Runs until SIGTERM. */
  public static void main(String[] arguments) {
    ServiceMain.run(
        "worker",
        arguments,
        WorkerConfig::of,
        (platform, config) -> {
          var service = WorkerService.start(platform, config);
          return new Started(service, service::ready);
        });
  }
}
