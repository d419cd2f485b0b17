package io.penstock.worker;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LayeringTest {

  private static final String[] PURE = {"..worker.limit..", "..worker.dialect.."};

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.penstock.worker");

  @Test
  void pureDecisionsSeeNoKafkaNoHttpNoLogAndNoMetrics() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "org.apache.kafka..",
                    "org.apache.hc..",
                    "org.slf4j..",
                    "io.micrometer..",
                    "io.penstock.platform..",
                    "..worker.engine..",
                    "..worker.http..")
                .and(not(resideInAPackage("io.penstock.platform.id.."))))
        .check(classes);
  }

  @Test
  void pureDecisionsHaveNoClock() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .or()
        .haveSimpleNameStartingWith("CompletedOffsets")
        .or()
        .haveSimpleNameStartingWith("OffsetMetadata")
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(UUID.class, "randomUUID")
        .orShould()
        .callMethod(Clock.class, "systemUTC")
        .check(classes);
  }

  @Test
  void theCompletionBitmapKnowsNothingOfKafka() {
    noClasses()
        .that()
        .haveSimpleNameStartingWith("CompletedOffsets")
        .or()
        .haveSimpleNameStartingWith("OffsetMetadata")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages("java..", "org.jspecify..", "io.penstock.worker.engine..")
        .check(classes);
  }

  @Test
  void theHttpClientKnowsNothingOfTheEngine() {
    noClasses()
        .that()
        .resideInAPackage("..worker.http..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("..worker.engine..", "org.apache.kafka..", "io.penstock.platform..")
        .check(classes);
  }
}
