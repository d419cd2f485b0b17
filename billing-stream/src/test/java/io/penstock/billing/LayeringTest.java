package io.penstock.billing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class LayeringTest {

  private static final String[] CORE = {
    "io.penstock.billing.ledger..", "io.penstock.billing.report.."
  };
  private static final List<String> FRACTIONS =
      List.of("double", "float", "java.lang.Double", "java.lang.Float");

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.penstock.billing");

  @Test
  void decisionsSeeNoKafkaNoHttpAndNoLog() {
    noClasses()
        .that()
        .resideInAnyPackage(CORE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.kafka..",
            "io.helidon..",
            "org.slf4j..",
            "io.micrometer..",
            "com.fasterxml..")
        .check(classes);
  }

  @Test
  void decisionsReadNoClockAndRollNoDice() {
    noClasses()
        .that()
        .resideInAnyPackage(CORE)
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(UUID.class, "randomUUID")
        .check(classes);
  }

  @Test
  void noPartOfBillingHoldsPassesOrReturnsAFraction() {
    var fraction = fraction();
    fields().should().notHaveRawType(fraction).check(classes);
    methods().should().notHaveRawReturnType(fraction).check(classes);
    methods()
        .should()
        .notHaveRawParameterTypes(
            DescribedPredicate.describe(
                "with a fraction", types -> types.stream().anyMatch(fraction)))
        .check(classes);
    noClasses()
        .should()
        .accessTargetWhere(
            DescribedPredicate.describe(
                "that gives a fraction",
                (JavaAccess<?> access) ->
                    FRACTIONS.contains(access.getTargetOwner().getName())
                        || access.getTarget()
                                instanceof
                                com.tngtech.archunit.core.domain.AccessTarget.MethodCallTarget
                                    target
                            && fraction.test(target.getRawReturnType())))
        .check(classes);
  }

  @Test
  void shellsDependOnDecisionsAndNotTheOtherWayRound() {
    noClasses()
        .that()
        .resideInAnyPackage(CORE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.penstock.billing.stream..", "io.penstock.billing.http..", "io.penstock.billing")
        .check(classes);
    noClasses()
        .that()
        .resideInAPackage("io.penstock.billing.ledger..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.penstock.billing.report..")
        .check(classes);
    noClasses()
        .that()
        .resideInAPackage("io.penstock.billing.http..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.penstock.billing.stream..")
        .check(classes);
  }

  private static DescribedPredicate<JavaClass> fraction() {
    return DescribedPredicate.describe("a fraction", type -> FRACTIONS.contains(type.getName()));
  }
}
