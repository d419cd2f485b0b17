package io.penstock.platform.http;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/** What has to be true before a service takes work. Thread-safe. */
public final class Health {

  private record Check(String name, BooleanSupplier ready) {}

  private final List<Check> checks = new CopyOnWriteArrayList<>();

  /** Adds a condition of readiness; it is asked often and must not block. */
  public void require(String name, BooleanSupplier ready) {
    checks.add(new Check(name, ready));
  }

  /** Names of the conditions that do not hold now; empty means ready. */
  public List<String> missing() {
    return checks.stream().filter(check -> !check.ready().getAsBoolean()).map(Check::name).toList();
  }
}
