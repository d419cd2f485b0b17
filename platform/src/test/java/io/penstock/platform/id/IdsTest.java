package io.penstock.platform.id;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

final class IdsTest {

  private static final Instant AT = Instant.parse("2026-03-14T12:00:00Z");

  private final Ids ids = new Ids();

  @Test
  void anIdIsItsPrefixAndTwentySixCharactersThatAreSafeEverywhere() {
    assertThat(ids.next("req_", AT)).matches("req_[0-9a-hjkmnp-tv-z]{26}");
  }

  @Test
  void idsOfTheSameMomentDiffer() {
    var seen = new HashSet<String>();
    for (int i = 0; i < 100_000; i++) {
      seen.add(ids.next("", AT));
    }

    assertThat(seen).hasSize(100_000);
  }

  @Test
  void idsSortByTheirTime() {
    var before = "";
    for (var at :
        new long[] {
          0,
          1,
          31,
          32,
          1_023,
          1_024,
          1L << 32,
          AT.toEpochMilli(),
          AT.toEpochMilli() + 1,
          (1L << 48) - 1
        }) {
      var id = ids.next("", Instant.ofEpochMilli(at));
      assertThat(id).isGreaterThan(before);
      before = id;
    }
  }

  @Test
  void aSecretHasAsManyRandomCharactersAsAskedFor() {
    var secret = ids.secret("sk-", 48);

    assertThat(secret).matches("sk-[0-9a-hjkmnp-tv-z]{48}").isNotEqualTo(ids.secret("sk-", 48));
  }
}
