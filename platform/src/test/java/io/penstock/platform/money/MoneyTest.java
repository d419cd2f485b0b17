package io.penstock.platform.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class MoneyTest {

  private static final long SEED = 20260314;

  @Test
  void aPriceIsExactWhereItCanBe() {
    assertThat(Money.priceOf(1_000_000, new BigDecimal("0.15"))).isEqualTo(Money.ofUsd("0.15"));
    assertThat(Money.priceOf(1, new BigDecimal("0.15"))).isEqualTo(new Money(150));
    assertThat(Money.priceOf(0, new BigDecimal("75"))).isEqualTo(Money.ZERO);
    assertThat(Money.priceOf(7, BigDecimal.ZERO)).isEqualTo(Money.ZERO);
  }

  @Test
  void halfANanoGoesToTheEvenNeighbour() {
    assertThat(Money.priceOf(1, new BigDecimal("0.0005")).nanoUsd()).isZero();
    assertThat(Money.priceOf(3, new BigDecimal("0.0005")).nanoUsd()).isEqualTo(2);
    assertThat(Money.priceOf(5, new BigDecimal("0.0005")).nanoUsd()).isEqualTo(2);
    assertThat(Money.priceOf(1, new BigDecimal("0.00050000001")).nanoUsd()).isEqualTo(1);
  }

  @Test
  void aHoldIsNeverBelowThePriceAndLessThanANanoAboveIt() {
    var random = new SplittableRandom(SEED);
    for (int i = 0; i < 100_000; i++) {
      var quantity = random.nextLong(10_000_000);
      var price =
          new BigDecimal(BigInteger.valueOf(random.nextLong(1_000_000_000)), random.nextInt(3, 13));

      var rounded = BigDecimal.valueOf(Money.priceOf(quantity, price).nanoUsd());
      var ceiling = BigDecimal.valueOf(Money.ceilingOf(quantity, price).nanoUsd());

      var exact = price.multiply(BigDecimal.valueOf(quantity)).scaleByPowerOfTen(3);
      assertThat(rounded.subtract(exact).abs()).isLessThanOrEqualTo(new BigDecimal("0.5"));
      assertThat(ceiling).isGreaterThanOrEqualTo(exact).isGreaterThanOrEqualTo(rounded);
      assertThat(ceiling.subtract(exact)).isLessThan(BigDecimal.ONE);
    }
  }

  @Test
  void manyRoundedLinesAreOffByHalfANanoEachAtMost() {
    var random = new SplittableRandom(SEED);
    var exact = BigDecimal.ZERO;
    var sum = Money.ZERO;
    var lines = 100_000;
    for (int i = 0; i < lines; i++) {
      var price = new BigDecimal(BigInteger.valueOf(random.nextLong(100_000)), 7);
      var quantity = random.nextLong(5000);
      sum = sum.plus(Money.priceOf(quantity, price));
      exact = exact.add(price.multiply(BigDecimal.valueOf(quantity)).scaleByPowerOfTen(3));
    }

    assertThat(exact.subtract(BigDecimal.valueOf(sum.nanoUsd())).abs())
        .isLessThanOrEqualTo(new BigDecimal("0.5").multiply(BigDecimal.valueOf(lines)));
  }

  @Test
  void everyAmountIsReadBackFromItsText() {
    var random = new SplittableRandom(SEED);
    for (int i = 0; i < 100_000; i++) {
      var money = new Money(random.nextLong() >> random.nextInt(63));

      assertThat(Money.ofUsd(money.usd())).isEqualTo(money);
    }
    assertThat(Money.ofUsd(new Money(Long.MIN_VALUE).usd()).nanoUsd()).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void aTextHasNoExponentAndNoTrailingZeros() {
    assertThat(Money.ZERO.usd()).isEqualTo("0");
    assertThat(new Money(1).usd()).isEqualTo("0.000000001");
    assertThat(new Money(-1_500_000_000).usd()).isEqualTo("-1.5");
    assertThat(new Money(100_000_000_000L).usd()).isEqualTo("100");
  }

  @Test
  void whatIsFinerThanANanoOrTooLargeIsRefused() {
    assertThatThrownBy(() -> Money.ofUsd("0.0000000001")).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> Money.ofUsd("9223372036.854775808"))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> Money.ofUsd("free")).isInstanceOf(NumberFormatException.class);
    assertThatThrownBy(() -> Money.priceOf(Long.MAX_VALUE, new BigDecimal("1000000")))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void sumsThatDoNotFitAreRefusedAndNeverWrapAround() {
    assertThatThrownBy(() -> new Money(Long.MAX_VALUE).plus(new Money(1)))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> new Money(Long.MIN_VALUE).minus(new Money(1)))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void noFractionIsNearMoney() {
    var fraction =
        DescribedPredicate.<JavaClass>describe(
            "a fraction",
            type ->
                List.of("double", "float", "java.lang.Double", "java.lang.Float")
                    .contains(type.getName()));
    var classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.penstock.platform.money");

    ArchRuleDefinition.fields().should().notHaveRawType(fraction).check(classes);
    ArchRuleDefinition.methods().should().notHaveRawReturnType(fraction).check(classes);
    ArchRuleDefinition.noClasses()
        .should()
        .callMethodWhere(
            DescribedPredicate.describe(
                "it gives a fraction", call -> fraction.test(call.getTarget().getRawReturnType())))
        .check(classes);
  }
}
