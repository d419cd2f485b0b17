package io.penstock.router.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.BudgetWindow;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class WindowTest {

  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final Instant AT = Instant.parse("2026-10-31T23:30:15Z");

  @Test
  void isNamedAfterItsTimeInTheZoneOfTheBudget() {
    assertThat(Window.of(BudgetWindow.MONTH, ZoneOffset.UTC, AT).id()).isEqualTo("2026-10");
    assertThat(Window.of(BudgetWindow.MONTH, BERLIN, AT).id()).isEqualTo("2026-11");
    assertThat(Window.of(BudgetWindow.DAY, BERLIN, AT).id()).isEqualTo("2026-11-01");
    assertThat(Window.of(BudgetWindow.WEEK, BERLIN, AT).id()).isEqualTo("2026-W44");
    assertThat(Window.of(BudgetWindow.HOUR, BERLIN, AT).id()).isEqualTo("2026-11-01T00:00+01:00");
    assertThat(Window.of(BudgetWindow.MINUTE, BERLIN, AT).id()).isEqualTo("2026-11-01T00:30+01:00");
  }

  @Test
  void endsWhereTheNextBegins() {
    assertThat(Window.of(BudgetWindow.MONTH, ZoneOffset.UTC, AT).endsAt())
        .isEqualTo("2026-11-01T00:00:00Z");
    assertThat(Window.of(BudgetWindow.WEEK, ZoneOffset.UTC, AT).endsAt())
        .isEqualTo("2026-11-02T00:00:00Z");
    assertThat(Window.of(BudgetWindow.MINUTE, ZoneOffset.UTC, AT).endsAt())
        .isEqualTo("2026-10-31T23:31:00Z");
    assertThat(Window.of(BudgetWindow.LIFETIME, ZoneOffset.UTC, AT).endsAt()).isNull();
  }

  @Test
  void aDayOfTwentyFiveHoursIsOneWindow() {
    var morning = Instant.parse("2026-10-24T22:00:00Z");

    var day = Window.of(BudgetWindow.DAY, BERLIN, morning);

    assertThat(day.id()).isEqualTo("2026-10-25");
    assertThat(day.endsAt()).isEqualTo("2026-10-25T23:00:00Z");
  }

  @Test
  void anHourThatComesTwiceIsTwoWindows() {
    var first = Window.of(BudgetWindow.HOUR, BERLIN, Instant.parse("2026-10-25T00:30:00Z"));
    var second = Window.of(BudgetWindow.HOUR, BERLIN, Instant.parse("2026-10-25T01:30:00Z"));

    assertThat(first.id()).isEqualTo("2026-10-25T02:00+02:00");
    assertThat(second.id()).isEqualTo("2026-10-25T02:00+01:00");
    assertThat(first.endsAt()).isEqualTo("2026-10-25T01:00:00Z");
  }
}
