package io.penstock.router;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LayeringTest {

  private static final String[] PURE = {
    "io.penstock.router.admit..",
    "io.penstock.router.budget..",
    "io.penstock.router.pace..",
    "io.penstock.router.price..",
    "io.penstock.router.route..",
    "io.penstock.router.select.."
  };

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.penstock.router");

  @Test
  void decisionsSeeNoLogNoNetworkNoMetersAndNoShell() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.kafka..",
            "org.slf4j..",
            "io.micrometer..",
            "io.helidon..",
            "java.net..",
            "io.penstock.platform.kafka..",
            "io.penstock.platform.http..",
            "io.penstock.platform.blob..",
            "io.penstock.router.stream..")
        .check(CLASSES);
  }

  @Test
  void decisionsHaveNoClockAndNoChance() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(UUID.class, "randomUUID")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Clock.class, java.util.Random.class)
        .check(CLASSES);
  }

  @Test
  void decisionsKeepNothing() {
    fields()
        .that()
        .areDeclaredInClassesThat()
        .resideInAnyPackage(PURE)
        .and()
        .areDeclaredInClassesThat()
        .haveSimpleNameNotEndingWith("Bill")
        .should()
        .beFinal()
        .check(CLASSES);
  }

  @Test
  void moneyIsNeverFloating() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Double.class, Float.class)
        .check(CLASSES);
    fields()
        .should()
        .notHaveRawType(double.class)
        .andShould()
        .notHaveRawType(float.class)
        .check(CLASSES);
  }

  @Test
  void admissionKnowsNothingOfRouting() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.penstock.router.admit..",
            "io.penstock.router.budget..",
            "io.penstock.router.pace..",
            "io.penstock.router.price..",
            "io.penstock.router.select..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.penstock.router.route..")
        .check(CLASSES);
  }

  @Test
  void selectionKnowsNothingOfAdmission() {
    noClasses()
        .that()
        .resideInAPackage("io.penstock.router.select..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.penstock.router.admit..")
        .check(CLASSES);
  }

  @Test
  void nothingDependsOnAnotherService() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.penstock.ingress..", "io.penstock.worker..", "io.penstock.billing..")
        .check(CLASSES);
  }
}
