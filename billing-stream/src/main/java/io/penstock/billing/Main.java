package io.penstock.billing;

import io.penstock.platform.service.ServiceMain;

/** Billing as a process of its own. */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    ServiceMain.run(
        "billing",
        arguments,
        BillingConfig::of,
        (platform, config) -> {
          var billing = BillingService.start(platform, config);
          return new ServiceMain.Started(billing, billing::ready);
        });
  }
}
