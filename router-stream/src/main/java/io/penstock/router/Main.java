package io.penstock.router;

import io.penstock.platform.service.ServiceMain;

/** The router as a process of its own. */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    ServiceMain.run(
        "router",
        arguments,
        RouterConfig::of,
        (platform, config) -> {
          var router = RouterService.start(platform, config);
          return new ServiceMain.Started(router, router::ready);
        });
  }
}
