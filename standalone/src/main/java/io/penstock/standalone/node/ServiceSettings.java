package io.penstock.standalone.node;

import io.penstock.billing.BillingConfig;
import io.penstock.ingress.IngressConfig;
import io.penstock.platform.config.ConfigException;
import io.penstock.platform.config.Section;
import io.penstock.router.RouterConfig;
import io.penstock.worker.WorkerConfig;
import org.jspecify.annotations.Nullable;

/** The settings of all services, from one file. */
record ServiceSettings(
    BillingConfig billing, WorkerConfig worker, RouterConfig router, IngressConfig ingress) {

  /**
   * Reads the file; without one everything is as by default.
   *
   * @throws ConfigException when something in it is wrong
   */
  static ServiceSettings of(@Nullable String file) {
    var root = file == null ? Section.empty() : Section.parse(file);
    var settings =
        new ServiceSettings(
            BillingConfig.of(root.section("billing")),
            WorkerConfig.of(root.section("worker")),
            RouterConfig.of(root.section("router")),
            IngressConfig.of(root.section("ingress")));
    root.finish();
    return settings;
  }
}
