package io.penstock.ingress;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class LayersTest {

  private static final String[] PURE = {
    "io.penstock.ingress.accept..",
    "io.penstock.ingress.answer..",
    "io.penstock.ingress.catalog..",
    "io.penstock.ingress.jobs.."
  };

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.penstock.ingress");

  @Test
  void decisionsSeeNoKafkaNoHttpNoLoggingNoMetrics() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.kafka..",
            "io.helidon..",
            "java.net.http..",
            "org.slf4j..",
            "io.micrometer..")
        .allowEmptyShould(true)
        .check(classes);
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
        .dependOnClassesThat()
        .areAssignableTo(Clock.class)
        .check(classes);
  }

  @Test
  void decisionsSeeNoShell() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.penstock.ingress",
            "io.penstock.ingress.admin..",
            "io.penstock.ingress.batches..",
            "io.penstock.ingress.files..",
            "io.penstock.ingress.http..",
            "io.penstock.ingress.stream..",
            "io.penstock.ingress.sweep..")
        .check(classes);
  }
}
