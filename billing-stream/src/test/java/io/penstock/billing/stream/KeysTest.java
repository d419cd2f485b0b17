package io.penstock.billing.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.billing.report.RollUpKey;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KeysTest {

  private static final List<String> NASTY =
      List.of(
          "", "a", "a/b", "/", "%2F", "a|b", "|", "a\u0000", "\u0000", "ä", "日本", "a-b", "-", "d",
          "t", "aa");

  @Test
  void namesWithSeparatorsPrefixesAndOddCharactersNeverShareAKey() {
    var keys = new HashSet<Object>();
    var count = 0;
    for (var organization : NASTY) {
      for (var model : NASTY) {
        for (var pool : NASTY) {
          keys.add(Keys.rollUp(new RollUpKey.Total(organization, model, pool)));
          keys.add(
              Keys.rollUp(new RollUpKey.Daily(organization, LocalDate.EPOCH, model, pool, "m")));
          count += 2;
        }
        keys.add(Keys.seen(organization, model));
        keys.add(BalancePublisher.key(organization, model));
        count += 2;
      }
    }

    assertThat(keys).hasSize(count);
  }

  @Test
  void aRollUpKeyIsReadBackAsItWas() {
    var daily = new RollUpKey.Daily("äcme/1", LocalDate.of(2026, 3, 14), "key", "gpt/5", "");
    var total = new RollUpKey.Total("acme", "日本", "azure");

    assertThat(Keys.rollUp(Keys.rollUp(daily))).isEqualTo(daily);
    assertThat(Keys.rollUp(Keys.rollUp(total))).isEqualTo(total);
  }

  @Test
  void daysAndSequencesSortAsNumbers() {
    var day = LocalDate.of(2026, 3, 14);

    assertThat(Keys.day("acme", day)).isLessThan(Keys.day("acme", day.plusDays(1)));
    assertThat(Keys.journal("acme", 255)).isLessThan(Keys.journal("acme", 256));
    assertThat(Keys.journal("acme", 1)).isLessThan(Keys.journal("acme", Long.MAX_VALUE));
  }

  @Test
  void aPartThatIsTooLongIsRefused() {
    var text = "x".repeat(65_536);

    assertThatThrownBy(() -> Keys.seen("acme", text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("part of a key is too long: 65536 bytes");
  }
}
