package io.penstock.billing;

import io.penstock.platform.service.ServiceMain;

/** Billing as a process of its own. */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    ServiceMain.run(
        "billing",
        arguments,
        (platform, own) -> {
          var billing = BillingService.start(platform, BillingConfig.of(own));
          return new ServiceMain.Started(billing, billing::ready);
        });
  }
}
