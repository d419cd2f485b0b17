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
        (platform, own) -> {
          var service = WorkerService.start(platform, WorkerConfig.of(own));
          return new Started(service, service::ready);
        });
  }
}
