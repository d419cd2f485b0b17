package io.penstock.router.pace;

import static io.penstock.router.Fixtures.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.pace.Pace.Turn;
import io.penstock.router.pace.Pace.Verdict;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.RateLimit;
import io.penstock.schemas.avro.RateLimitStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaceTest {

  private static final Asker ASKER =
      new Asker("acme", "key_1", "ops", "web", "ann", List.of("a", "b", "a"), "fast");
  private static final long NOW = T0.toEpochMilli();

  private final Map<String, Bucket> buckets = new HashMap<>();
  private final Map<String, Count> counts = new HashMap<>();
  private final Levels levels =
      new Levels() {
        @Override
        public @Nullable Bucket bucket(String account) {
          return buckets.get(account);
        }

        @Override
        public Count count(String account) {
          return counts.getOrDefault(account, Count.ZERO);
        }
      };

  private static RateLimit.Builder limit(BudgetScope scope) {
    return RateLimit.newBuilder().setId("l").setScope(scope);
  }

  private static Limit of(RateLimit.Builder limit) {
    return Limit.of(limit.build(), name -> name.equals("quick") ? "fast" : name);
  }

  private Verdict ask(long tokens, RateLimit.Builder... limits) {
    return Pace.ask(List.of(limits).stream().map(PaceTest::of).toList(), ASKER, tokens, levels, T0);
  }

  private Turn turn(String id, long since, long tokens, RateLimit.Builder limit) {
    return Pace.turn(List.of(of(limit)), ASKER, id, T0.plusMillis(since), tokens, levels, T0);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        // scope, name, model, accounts
        "ORGANIZATION, -, -, acme|requests|l|acme",
        "TEAM, -, -, acme|requests|l|ops",
        "TEAM, ops, -, acme|requests|l|ops",
        "TEAM, dev, -, ''",
        "PROJECT, -, -, acme|requests|l|web",
        "PROJECT, other, -, ''",
        "API_KEY, key_1, -, acme|requests|l|key_1",
        "API_KEY, key_2, -, ''",
        "END_USER, -, -, acme|requests|l|ann",
        "END_USER, bob, -, ''",
        "TAG, -, -, acme|requests|l|a acme|requests|l|b",
        "TAG, b, -, acme|requests|l|b",
        "TAG, c, -, ''",
        "MODEL, -, -, acme|requests|l|fast",
        "MODEL, quick, -, acme|requests|l|fast",
        "MODEL, slow, -, ''",
        "TEAM, ops, fast, acme|requests|l|ops",
        "TEAM, ops, quick, acme|requests|l|ops",
        "TEAM, ops, slow, ''",
      })
  void aLimitCountsWhatItIsFor(
      BudgetScope scope, @Nullable String name, @Nullable String model, String accounts) {
    var verdict = ask(0, limit(scope).setScopeName(name).setModel(model).setRequestsPerMinute(1L));

    var taking = ((Verdict.Within) verdict).taking();
    assertThat(String.join(" ", taking.takes().stream().map(Taking.Take::account).toList()))
        .isEqualTo(accounts);
  }

  @Test
  void aRequestWithoutEndUserOrTeamIsNotLimitedByThem() {
    var nobody = new Asker("acme", "key_1", null, null, null, List.of(), "fast");
    for (var scope :
        List.of(BudgetScope.TEAM, BudgetScope.PROJECT, BudgetScope.END_USER, BudgetScope.TAG)) {
      var verdict =
          Pace.ask(List.of(of(limit(scope).setRequestsPerMinute(1L))), nobody, 0, levels, T0);

      assertThat(((Verdict.Within) verdict).taking()).isEqualTo(Taking.NOTHING);
    }
  }

  @Test
  void theKeysOwnLimitsAreALimitOfTheKey() {
    var key = ApiKeyEntry.newBuilder().setId("key_1").setOrganization("acme").setName("k");
    key.setHash("h").setHint("h").setCreatedAt(T0);

    assertThat(Limit.of(key.build())).isNull();
    var own = Limit.of(key.setConcurrency(1L).build());
    var verdict = (Verdict.Within) Pace.ask(List.of(own), ASKER, 9, levels, T0);

    assertThat(verdict.taking().accounts()).containsExactly("acme|open|api_key:key_1|key_1");
    assertThat(verdict.status()).isNull();
  }

  @Test
  void theTightestLimitIsTold() {
    buckets.put("acme|requests|l|ops", Bucket.full(100, NOW).take(98));
    var verdict =
        ask(
            30,
            limit(BudgetScope.ORGANIZATION).setRequestsPerMinute(10L).setTokensPerMinute(100L),
            limit(BudgetScope.TEAM).setRequestsPerMinute(100L).setTokensPerMinute(1_000L));

    assertThat(verdict.status())
        .isEqualTo(new RateLimitStatus(100L, 1L, 59_400L, 100L, 70L, 18_000L));
  }

  @Test
  void oneThatIsFullRefusesAndTellsTheLongestWaitOfAll() {
    buckets.put("acme|requests|l|acme", Bucket.full(60, NOW).take(60));
    buckets.put("acme|tokens|l|acme", Bucket.full(600, NOW).take(600));
    counts.put("acme|open|l|ops", new Count(5, null));

    var verdict =
        ask(
            50,
            limit(BudgetScope.ORGANIZATION).setRequestsPerMinute(60L).setTokensPerMinute(600L),
            limit(BudgetScope.TEAM).setConcurrency(5L));

    var beyond = (Verdict.Beyond) verdict;
    assertThat(beyond.measure()).isEqualTo(Measure.REQUESTS);
    assertThat(beyond.limit().scope()).isEqualTo(BudgetScope.ORGANIZATION);
    assertThat(beyond.remaining()).isZero();
    assertThat(beyond.retryAfterMillis()).isEqualTo(5_000);
    assertThat(beyond.status()).isEqualTo(new RateLimitStatus(60L, 0L, 60_000L, 600L, 0L, 60_000L));
  }

  @Test
  void aRequestLargerThanTheLimitIsToldThatWaitingDoesNotHelp() {
    var beyond =
        (Verdict.Beyond) ask(601, limit(BudgetScope.ORGANIZATION).setTokensPerMinute(600L));

    assertThat(beyond.retryAfterMillis()).isNull();
    assertThat(beyond.needed()).isEqualTo(601);
    assertThat(ask(600, limit(BudgetScope.ORGANIZATION).setTokensPerMinute(600L)))
        .isInstanceOf(Verdict.Within.class);
  }

  @ParameterizedTest
  @CsvSource({
    // limit, open, goes
    "1, 0, true",
    "1, 1, false",
    "5, 4, true",
    "5, 5, false",
    "2, 7, false",
  })
  void placesAreCounted(long limit, long open, boolean goes) {
    counts.put("acme|open|l|acme", new Count(open, null));

    var verdict = ask(0, limit(BudgetScope.ORGANIZATION).setConcurrency(limit));

    assertThat(verdict instanceof Verdict.Within).isEqualTo(goes);
    if (verdict instanceof Verdict.Beyond beyond) {
      assertThat(beyond.remaining()).isZero();
      assertThat(beyond.retryAfterMillis()).isEqualTo(1_000);
    }
  }

  @ParameterizedTest
  @CsvSource({
    // limit, queued, tokens, goes
    "100, 0, 100, true",
    "100, 1, 100, false",
    "100, 40, 60, true",
    "100, 0, 500, true",
    "100, 500, 1, false",
  })
  void aLineWaitsForRoomAndOneThatNeverFitsGoesAlone(
      long limit, long queued, long tokens, boolean goes) {
    counts.put("acme|queued|l|acme", new Count(queued, null));

    var turn = turn("r", 0, tokens, limit(BudgetScope.ORGANIZATION).setQueuedTokens(limit));

    assertThat(turn instanceof Turn.Now).isEqualTo(goes);
  }

  @Test
  void whoCameFirstGoesFirst() {
    var limit = limit(BudgetScope.ORGANIZATION).setQueuedTokens(100L);
    var account = "acme|queued|l|acme";
    counts.put(account, new Count(50, null));
    var large = (Turn.Later) turn("large", 10, 90, limit);
    assertThat(large.first()).containsExactly(account);
    counts.computeIfPresent(account, (_, count) -> count.waiting(large.waiter()));

    // room for it, but not its turn
    assertThat(((Turn.Later) turn("small", 20, 10, limit)).first()).isEmpty();
    // an older one takes its place in line
    assertThat(((Turn.Later) turn("older", 5, 80, limit)).first()).containsExactly(account);
    counts.computeIfPresent(account, (_, count) -> count.give(50));
    assertThat(turn("large", 10, 90, limit)).isInstanceOf(Turn.Now.class);

    counts.computeIfPresent(account, (_, count) -> count.take(90).without("large"));
    assertThat(turn("small", 20, 10, limit)).isInstanceOf(Turn.Now.class);
  }

  @Test
  void oneWhoAsksNoMoreIsNotWaitedFor() {
    var limit = limit(BudgetScope.ORGANIZATION).setQueuedTokens(100L);
    var gone = new Count.Waiter(NOW - 9_000, "gone", NOW - Count.Waiter.GONE_MILLIS - 1);
    counts.put("acme|queued|l|acme", new Count(50, gone));

    assertThat(turn("small", 20, 10, limit)).isInstanceOf(Turn.Now.class);
  }

  @Test
  void aValueMayHoldAnythingAndItsMeasureIsStillKnown() {
    assertThat(Measure.of("acme|tokens|l|a|open|b")).isEqualTo(Measure.TOKENS);
    assertThat(Measure.of("acme|queued|l|")).isEqualTo(Measure.QUEUED);
  }
}
