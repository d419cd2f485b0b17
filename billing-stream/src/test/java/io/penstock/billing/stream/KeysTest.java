package io.penstock.billing.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.billing.report.BucketWidth;
import io.penstock.billing.report.ChargeKey;
import io.penstock.billing.report.Label;
import io.penstock.billing.report.RollUpKey;
import io.penstock.billing.report.UsageGroup;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class KeysTest {

  private static final List<String> NASTY =
      List.of(
          "", "a", "a/b", "/", "%2F", "a|b", "|", "a\u0000", "\u0000", "ä", "日本", "a-b", "-", "d",
          "t", "aa");

  private static final List<String> PIECES =
      List.of("-", "/", ":", "|", "%", "%2F", "a", "aa", "\u0000", "é", "日", "😀", "credit/", ".");

  @Test
  void led09NamesWithSeparatorsPrefixesAndOddCharactersNeverShareAKey() {
    var keys = new HashSet<Object>();
    var count = 0;
    for (var organization : NASTY) {
      for (var model : NASTY) {
        for (var pool : NASTY) {
          keys.add(Keys.rollUp(new RollUpKey.Total(organization, model, pool)));
          keys.add(
              Keys.rollUp(
                  new RollUpKey.Labelled(organization, Label.TAG, LocalDate.EPOCH, model, pool)));
          keys.add(Keys.rollUp(new RollUpKey.Upstream(organization, LocalDate.EPOCH, model, pool)));
          keys.add(
              Keys.rollUp(
                  new RollUpKey.Bucket(
                      organization,
                      BucketWidth.DAY,
                      Instant.EPOCH,
                      new UsageGroup(model, pool, "k", "m", "p", false, true))));
          count += 4;
        }
        keys.add(Keys.seen(organization, model));
        keys.add(BalancePublisher.key(organization, model));
        count += 2;
      }
    }

    assertThat(keys).hasSize(count);
  }

  /** A key that is read back as what it was made of is the key of nothing else. */
  @Test
  void led09AMillionTriplesOfNastyNamesAreEachReadBackFromTheirKey() {
    var random = new SplittableRandom(9);
    for (int i = 0; i < 1_000_000; i++) {
      var organization = nasty(random);
      var name = nasty(random);
      var model = nasty(random);

      var key = Keys.rollUp(new RollUpKey.Total(organization, name, model));
      var balance = BalancePublisher.key(organization, name);

      if (!Keys.rollUp(key).equals(new RollUpKey.Total(organization, name, model))) {
        throw new AssertionError("triple " + i + " of seed 9: " + key);
      }
      var slash = balance.indexOf('/');
      if (!balance.substring(0, slash).replace("%2F", "/").replace("%25", "%").equals(organization)
          || !balance.substring(slash + 1).equals(name)) {
        throw new AssertionError("triple " + i + " of seed 9: " + balance);
      }
    }
  }

  private static String nasty(SplittableRandom random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(5); i > 0; i--) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }

  @Test
  void aRollUpKeyIsReadBackAsItWas() {
    var bucket =
        new RollUpKey.Bucket(
            "äcme/1",
            BucketWidth.HOUR,
            Instant.parse("2026-03-14T05:00:00Z"),
            new UsageGroup("", "t/1", "key", "gpt/5", "", true, false));
    var total = new RollUpKey.Total("acme", "日本", "azure");

    assertThat(Keys.rollUp(Keys.rollUp(bucket))).isEqualTo(bucket);
    assertThat(Keys.rollUp(Keys.rollUp(total))).isEqualTo(total);
  }

  @Test
  void daysAndSequencesSortAsNumbers() {
    var day = LocalDate.of(2026, 3, 14);

    assertThat(Keys.upstream("acme", day)).isLessThan(Keys.upstream("acme", day.plusDays(1)));
    assertThat(Keys.journal("acme", 255)).isLessThan(Keys.journal("acme", 256));
    assertThat(Keys.journal("acme", 1)).isLessThan(Keys.journal("acme", Long.MAX_VALUE));
  }

  @Test
  void aKeyOfAChargeIsReadBackAsItWas() {
    var key =
        new ChargeKey(
            "äcme/1",
            YearMonth.of(2026, 3),
            "2026-01",
            LocalDate.of(2026, 3, 14),
            "p",
            "",
            "key-1",
            "gpt/5",
            "azure",
            "output_text",
            "gpt",
            7,
            "0.15");

    assertThat(Keys.charge(Keys.charge(key))).isEqualTo(key);
    assertThat(Keys.periodOf(Keys.charge(key))).isEqualTo(key.period());
    assertThat(Keys.periodOf(Keys.period("acme", key.period()))).isEqualTo(key.period());
  }

  @Test
  void aPartThatIsTooLongIsRefused() {
    var text = "x".repeat(65_536);

    assertThatThrownBy(() -> Keys.seen("acme", text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("part of a key is too long: 65536 bytes");
  }
}
